package gate.rules.autonomy.excluded_test

import rego.v2

import data.gate.lib.sample_test as sample
import data.gate.rules.autonomy.excluded

excluding(fields) := object.union(sample.autonomy, {"excluded": fields})

refused(document, autonomy) if {
	count(excluded.deny) == 1 with input as document with data.gate.data.autonomy as autonomy
}

test_nothing_excluded_refuses_nothing if not refused(sample.allowed, sample.autonomy)

test_each_list_keeps_automation_out if {
	refused(sample.allowed, excluding({"proposers": ["agent:triage"]}))
	refused(sample.allowed, excluding({"incident_classes": ["oom-kill", "crash-loop"]}))
	refused(sample.allowed, excluding({"actions": ["restart_workload"]}))
}

test_other_entries_do_not if {
	not refused(sample.allowed, excluding({"proposers": ["agent:other"], "incident_classes": ["oom-kill"], "actions": ["rerun_job"]}))
}

test_people_are_not_held_by_it if {
	person := sample.changed({"proposer": {"id": "alice", "kind": "person"}})
	every list in [
		{"actions": ["restart_workload"]},
		{"incident_classes": ["crash-loop"]},
		{"proposers": ["alice"]},
	] {
		not refused(person, excluding(list))
	}
}

test_an_unknown_kind_of_proposer_is_automation if {
	refused(sample.without(["proposer", "kind"]), excluding({"actions": ["restart_workload"]}))
}

test_no_incident_is_in_no_class if {
	not refused(sample.changed({"incident": null}), excluding({"incident_classes": ["crash-loop"]}))
}

test_the_lists_are_declared_as_needed if count(excluded.needs) == 3
