package gate.rules.evidence.preflight_test

import rego.v2

import data.gate.lib.sample_test as sample
import data.gate.rules.evidence.preflight

refusals(document) := found if {
	found := count(preflight.deny) with input as document
}

checked(holds) := sample.changed({"runbook": {"preflight": [
	{"id": "reversible", "holds": true},
	{"id": "owner-known", "holds": holds},
]}})

test_checks_that_hold_pass if refusals(checked(true)) == 0

test_one_that_does_not_hold_is_named if {
	messages := preflight.deny with input as checked(false)
	messages == {"preflight check owner-known doesn't hold or isn't known"}
}

test_not_known_does_not_hold if refusals(checked(null)) == 1

test_people_are_bound_too if refusals(object.union(checked(false), {"proposer": {"kind": "person"}})) == 1

test_escalating_needs_no_checks if refusals(object.union(checked(false), {"action": {"kind": "escalate"}})) == 0

test_no_runbook_and_no_checks_pass if {
	refusals(sample.changed({"runbook": null})) == 0
	refusals(sample.changed({"runbook": {"preflight": []}})) == 0
}

test_not_knowing_is_refused if {
	refusals(sample.without(["runbook", "preflight", "0", "holds"])) == 1
	refusals(sample.without(["runbook", "preflight"])) == 1
	refusals(json.remove(sample.acting("escalate"), ["runbook/preflight"])) == 0
}
