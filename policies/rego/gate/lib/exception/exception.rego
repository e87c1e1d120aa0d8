# METADATA
# title: Exceptions
# description: >-
#   An exception sets aside one rule's refusal for a named scope and a limited time. It has to say who answers for it,
#   why, and under which ticket. One that can't be read, is too long or has ended sets nothing aside.
package gate.lib.exception

import rego.v2

import data.gate.lib.instant
import data.gate.lib.scope

# METADATA
# title: Ids of the exceptions that set a rule aside for the action at hand
setting_aside(rule) := {id |
	some id in standing
	rule in data.gate.data.exceptions.entries[id].rules
}

# METADATA
# title: Ids of the exceptions that hold for the action at hand, found once however many rules refuse
standing contains id if {
	some id, entry in data.gate.data.exceptions.entries
	entry.granted <= input.time.instant
	input.time.instant < entry.expires
	scope.covers(entry.scope, scope.subject)
	count(flaws(entry)) == 0
}

# METADATA
# title: What is wrong with an exception, in words that complete "it has …"
flaws(entry) := {flaw | some flaw in possible_flaws; flawed(entry, flaw)}

possible_flaws := {
	"no owner", "no reason", "no ticket", "no list of rules", "no readable scope",
	"no readable granted and expires", "a longer life than data permits",
}

flawed(entry, flaw) if {
	some field in ["owner", "reason", "ticket"]
	flaw == $"no {field}"
	not text(object.get(entry, field, null))
}

flawed(entry, "no list of rules") if not listed(object.get(entry, "rules", null))

flawed(entry, "no readable scope") if not scope.well_formed(object.get(entry, "scope", null))

flawed(entry, "no readable granted and expires") if not lasting(entry)

flawed(entry, "a longer life than data permits") if {
	lasting(entry)
	not brief(entry)
}

text(value) if {
	is_string(value)
	trim_space(value) != ""
}

listed(rules) if {
	is_array(rules)
	count(rules) > 0
}

lasting(entry) if instant.seconds(entry.granted) < instant.seconds(entry.expires)

brief(entry) if {
	span := instant.seconds(entry.expires) - instant.seconds(entry.granted)
	span <= data.gate.data.exceptions.maximum_days * 86400
}
