package gate.rules.tier.irreversible_test

import rego.v2

import data.gate.lib.sample_test as sample
import data.gate.rules.tier.irreversible

levels(document) := found if {
	found := {raised.tier | some raised in irreversible.tier} with input as document
}

undone(fields) := sample.changed({"facts": {"reversibility": fields}})

test_what_can_be_undone_is_not_raised if levels(sample.allowed) == set()

test_what_cannot_be_undone_is_advanced if {
	levels(undone({"reversible": false})) == {3}
	levels(undone({"inverse": false})) == {3}
}

test_an_action_without_a_change_needs_no_inverse if {
	levels(object.union(undone({"inverse": false}), {"change": {"needed": false}})) == set()
}

test_not_knowing_is_irreversible if {
	levels(sample.without(["facts", "reversibility", "reversible"])) == {3}
	levels(sample.without(["facts", "reversibility", "inverse"])) == {3}
	levels(sample.without(["facts"])) == {3}
	levels(json.remove(undone({"inverse": false}), ["change/needed"])) == {3}
}
