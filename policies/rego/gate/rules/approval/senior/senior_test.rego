package gate.rules.approval.senior_test

import rego.v2

import data.gate.lib.sample_test as sample
import data.gate.rules.approval.senior

asked(document) := found if {
	found := senior.approval with input as document
}

of_no_class := sample.changed({"incident": {"novel": true}})

test_an_incident_of_no_class_wants_a_senior if asked(of_no_class) == {{"role": "role:senior", "count": 1}}

test_not_knowing_its_class_does_too if count(asked(sample.without(["incident", "novel"]))) == 1

test_one_of_a_known_class_does_not if asked(sample.allowed) == set()

test_no_incident_does_not if asked(sample.changed({"incident": null})) == set()

test_escalating_it_wants_nobody if asked(object.union(of_no_class, {"action": {"kind": "escalate"}})) == set()

test_the_role_is_declared_as_needed if count(senior.needs) == 1
