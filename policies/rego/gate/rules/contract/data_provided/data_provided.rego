# METADATA
# title: the data that the rules decide by isn't there
# description: >-
#   Every rule declares the data it can't do without. A limit that was deleted, renamed or set to nothing must not turn
#   its rule into one that never fires.
# custom:
#   remedy: Restore the named policy data, or correct its type; `penstock policy check` shows where
#   severity: critical
#   exceptable: false
# schemas:
#   - input: schema.input
package gate.rules.contract.data_provided

import rego.v2

import data.gate.lib.rule

about := rule.about(rego.metadata.chain())

deny contains "no rule declares the data it needs" if count(all_needs) == 0

deny contains $"policy data {place} is missing, is not of type {need.type} or is too small" if {
	some need in all_needs
	not provided(need)
	place := concat(".", need.path)
}

all_needs contains need if some need in data.gate.rules[_][_].needs

provided(need) if {
	value := object.get(data.gate.data, need.path, null)
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
