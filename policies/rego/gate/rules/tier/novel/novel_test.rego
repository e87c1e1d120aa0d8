package gate.rules.tier.novel_test

import rego.v2

import data.gate.lib.sample_test as sample
import data.gate.rules.tier.novel

levels(document) := found if {
	found := {raised.tier | some raised in novel.tier} with input as document
}

of_no_class := sample.changed({"incident": {"novel": true}})

test_an_incident_of_a_known_class_raises_nothing if levels(sample.allowed) == set()

test_any_action_on_a_novel_incident_is_advanced if {
	levels(of_no_class) == {3}
	levels(sample.without(["incident", "novel"])) == {3}
}

test_escalating_it_stays_possible if {
	levels(object.union(of_no_class, {"action": {"kind": "escalate"}})) == set()
}

test_no_incident_is_not_a_novel_one if levels(sample.changed({"incident": null})) == set()
