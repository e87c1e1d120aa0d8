package gate.rules.evidence.stop_condition_test

import rego.v2

import data.gate.lib.sample_test as sample
import data.gate.rules.evidence.stop_condition

refusals(document) := found if {
	found := count(stop_condition.deny) with input as document
}

met(holds) := sample.changed({"runbook": {"stop_conditions": [
	{"id": "reopened", "holds": false},
	{"id": "data-at-risk", "holds": holds},
]}})

test_conditions_that_are_not_met_pass if refusals(met(false)) == 0

test_one_that_is_met_stops if {
	messages := stop_condition.deny with input as met(true)
	messages == {"stop condition data-at-risk is met or isn't known"}
}

test_not_known_counts_as_met if refusals(met(null)) == 1

test_people_take_over if refusals(object.union(met(true), {"proposer": {"kind": "person"}})) == 0

test_escalating_goes_on if refusals(object.union(met(true), {"action": {"kind": "escalate"}})) == 0

test_no_runbook_and_no_conditions_pass if {
	refusals(sample.changed({"runbook": null})) == 0
	refusals(sample.changed({"runbook": {"stop_conditions": []}})) == 0
}

test_not_knowing_is_refused if {
	refusals(sample.without(["runbook", "stop_conditions", "0", "holds"])) == 1
	refusals(sample.without(["runbook", "stop_conditions"])) == 1
	refusals(json.remove(sample.acting("escalate"), ["runbook/stop_conditions"])) == 0
	refusals(json.remove(sample.changed({"proposer": {"kind": "person"}}), ["runbook/stop_conditions"])) == 0
	refusals(json.remove(met(true), ["proposer"])) == 1
}
