package gate.rules.tier.untold_test

import rego.v2

import data.gate.lib.sample_test as sample
import data.gate.rules.tier.untold

levels(document) := found if {
	found := {level.tier | some level in untold.tier} with input as document
}

test_a_storm_that_was_told_whole_raises_nothing if levels(sample.allowed) == set()

test_one_that_was_cut_short_does if levels(sample.changed({"incident": {"untold": 1}})) == {2}

test_what_changes_nothing_stays_free if {
	levels(sample.changed({"action": {"kind": "escalate"}, "incident": {"untold": 1}})) == set()
}

test_without_an_incident_nothing_was_left_out if levels(sample.changed({"incident": null})) == set()

test_not_knowing_raises if {
	levels(sample.without(["incident", "untold"])) == {2}
	levels(sample.without(["incident"])) == {2}
}
