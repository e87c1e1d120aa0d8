package gate.rules.evidence.runbook_lists_action_test

import rego.v2

import data.gate.lib.sample_test as sample
import data.gate.rules.evidence.runbook_lists_action

refusals(document) := found if {
	found := count(runbook_lists_action.deny) with input as document
}

unlisted := sample.changed({"runbook": {"lists_action": false}})

test_a_listed_action_passes if refusals(sample.allowed) == 0

test_an_unlisted_one_is_refused if {
	messages := runbook_lists_action.deny with input as unlisted
	messages == {"no runbook lists restart_workload for incidents of class crash-loop"}
	refusals(object.union(unlisted, {"proposer": {"kind": "analyst"}})) == 1
}

test_a_class_without_its_runbook_is_refused if refusals(sample.changed({"runbook": null})) == 1

test_a_novel_incident_has_no_runbook if {
	refusals(sample.changed({"incident": {"novel": true}, "runbook": null})) == 0
}

test_a_runbook_binds_whatever_the_incident_says if refusals(object.union(unlisted, {"incident": {"novel": true}})) == 1

test_people_drift_and_pipeline_are_not_bound if {
	every proposer in ["person", "drift", "pipeline"] {
		refusals(object.union(unlisted, {"proposer": {"kind": proposer}})) == 0
	}
}

test_escalating_is_always_listed if refusals(object.union(unlisted, {"action": {"kind": "escalate"}})) == 0

test_without_an_incident_there_is_none_to_list_it if refusals(object.union(unlisted, {"incident": null})) == 0

test_not_knowing_is_refused if {
	refusals(sample.without(["runbook", "lists_action"])) == 1
	refusals(sample.without(["runbook"])) == 1
	refusals(json.remove(sample.changed({"runbook": null}), ["incident/novel"])) == 1
	refusals(json.remove(unlisted, ["proposer"])) == 1
}

test_what_it_needs_is_declared if count(runbook_lists_action.needs) == 1
