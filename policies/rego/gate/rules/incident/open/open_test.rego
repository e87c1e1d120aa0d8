package gate.rules.incident.open_test

import rego.v2

import data.gate.lib.sample_test as sample
import data.gate.rules.incident.open

refusals(document) := found if {
	found := count(open.deny) with input as document
}

of_status(status) := sample.changed({"incident": {"status": status}})

test_a_live_incident_passes if {
	every status in ["open", "mitigating", "verifying"] {
		refusals(of_status(status)) == 0
	}
}

test_one_that_is_over_is_refused if {
	messages := open.deny with input as of_status("resolved")
	messages == {"the incident is resolved"}
}

test_a_person_may_still_act if refusals(object.union(of_status("resolved"), {"proposer": {"kind": "person"}})) == 0

test_what_changes_nothing_passes if refusals(object.union(of_status("resolved"), {"action": {"kind": "escalate"}})) == 0

test_no_incident_is_not_over if refusals(sample.changed({"incident": null})) == 0

test_not_knowing_is_refused if {
	refusals(of_status("asleep")) == 1
	refusals(sample.without(["incident", "status"])) == 1
	found := count(open.deny) with input as sample.allowed with data.gate.data.incidents as {}
	found == 1
}

test_the_list_is_declared_as_needed if count(open.needs) == 1
