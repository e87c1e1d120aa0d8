package gate.rules.incident.drift_during_incident_test

import rego.v2

import data.gate.lib.sample_test as sample
import data.gate.rules.incident.drift_during_incident

refusals(document) := found if {
	found := count(drift_during_incident.deny) with input as document
}

drift(kind, incidents) := sample.changed({
	"proposer": {"id": "drift:prod-eu", "kind": "drift"},
	"action": {"kind": kind},
	"facts": {"open": {"incidents_on_target": incidents}},
})

test_in_quiet_times_drift_passes if {
	refusals(drift("revert_drift", 0)) == 0
	refusals(drift("codify_drift", 0)) == 0
}

test_during_an_incident_it_is_neither_undone_nor_kept if {
	refusals(drift("revert_drift", 1)) == 1
	refusals(drift("codify_drift", 1)) == 1
}

test_people_are_bound_too if refusals(object.union(drift("revert_drift", 1), {"proposer": {"kind": "person"}})) == 1

test_other_actions_answer_the_incident if refusals(drift("restart_workload", 1)) == 0

test_not_knowing_is_refused if {
	refusals(json.remove(drift("revert_drift", 0), ["facts/open/incidents_on_target"])) == 1
	refusals(json.remove(drift("revert_drift", 0), ["facts"])) == 1
}

test_the_list_is_declared_as_needed if count(drift_during_incident.needs) == 1
