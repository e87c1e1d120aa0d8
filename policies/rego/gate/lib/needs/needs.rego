# METADATA
# title: The data that rules can't do without
# description: >-
#   Each rule declares its own with `needs contains {"path": …, "type": …, "minimum": …}`, so there is no list to keep.
#   A number is at least 1 unless its rule says otherwise; the minimum of a list or map is its length.
package gate.lib.needs

import rego.v2

# METADATA
# title: What rules declare, as often as they do; there are many, and to go through a set of objects takes long
declared := [need | some need in data.gate.rules[_][_].needs]

# METADATA
# title: Declared data that is absent, of another type or too small
unmet contains need if {
	some need in declared
	not provided(need)
}

all_data := data.gate.data

provided(need) if {
	value := object.get(all_data, need.path, null)
	type_name(value) == need.type
	enough(value, need)
}

enough(value, need) if {
	is_number(value)
	value >= object.get(need, "minimum", 1)
}

enough(value, need) if {
	type_name(value) in {"array", "object"}
	count(value) >= object.get(need, "minimum", 0)
}

enough(value, _) if type_name(value) in {"string", "boolean"}
