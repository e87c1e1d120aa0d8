package gate.rules.incident.concerns_target_test

import rego.v2

import data.gate.lib.sample_test as sample
import data.gate.rules.incident.concerns_target

refusals(document) := found if {
	found := concerns_target.deny with input as document
}

of_concern(value) := sample.changed({"incident": {"concerns_target": value}})

unknown := {"it isn't known whether the incident that was named concerns the target"}

test_an_object_of_the_incident_passes if count(refusals(of_concern(true))) == 0

test_another_object_is_refused if {
	refusals(of_concern(false)) == {"Deployment payments-api is no object of the incident that was named"}
}

test_a_person_who_names_it_is_bound_too if {
	count(refusals(object.union(of_concern(false), {"proposer": {"kind": "person"}}))) == 1
}

test_what_changes_nothing_passes if {
	count(refusals(object.union(of_concern(false), {"action": {"kind": "escalate"}}))) == 0
}

test_no_incident_was_lent if count(refusals(sample.changed({"incident": null}))) == 0

test_not_knowing_is_refused if {
	refusals(of_concern(null)) == unknown
	refusals(of_concern("yes")) == unknown
	refusals(sample.without(["incident", "concerns_target"])) == unknown
}
