# METADATA
# title: What a scope in data covers
# description: >-
#   Exceptions, freezes and events name what they are about with the same five words, each with one value or a list
#   of them. A word left out means any, but a scope of no words can't be read: nobody means "everything" by accident.
package gate.lib.scope

import rego.v2

words := {"cluster", "namespace", "kind", "name", "action"}

# METADATA
# title: The action at hand in the words of a scope
subject["action"] := input.action.kind

subject[word] := input.action.target[word] if some word in words

# METADATA
# title: Whether a scope can be read
well_formed(scope) if {
	is_object(scope)
	count(scope) > 0
	every word, wanted in scope {
		word in words
		readable(wanted)
	}
}

# METADATA
# title: Whether every word of a scope fits a subject
covers(scope, of_subject) if {
	well_formed(scope)
	every word, wanted in scope {
		fits(wanted, object.get(of_subject, word, null))
	}
}

readable(wanted) if is_string(wanted)

readable(wanted) if {
	is_array(wanted)
	count(wanted) > 0
	every entry in wanted {
		is_string(entry)
	}
}

fits(wanted, actual) if wanted == actual

fits(wanted, actual) if actual in wanted
