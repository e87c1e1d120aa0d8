package gate.rules.target.exists_test

import rego.v2

import data.gate.lib.sample_test as sample
import data.gate.rules.target.exists

refusals(document) := found if {
	found := count(exists.deny) with input as document
}

missing := sample.changed({"facts": {"target": {"found": false}}})

test_a_target_that_is_there_passes if refusals(sample.allowed) == 0

test_a_target_that_is_not_there_is_refused if {
	messages := exists.deny with input as missing
	messages == {"there is no Deployment payments/payments-api in prod-eu"}
}

test_what_brings_the_target_back_needs_none if {
	refusals(object.union(missing, {"action": {"kind": "restore_resource"}})) == 0
}

test_what_changes_nothing_needs_none if refusals(object.union(missing, escalation)) == 0

test_not_knowing_is_refused if {
	refusals(sample.without(["facts", "target", "found"])) == 1
	refusals(sample.without(["facts", "target"])) == 1
	refusals(json.remove(missing, ["action"])) == 1
	found := count(exists.deny) with input as missing with data.gate.data.actions as {}
	found == 1
}

test_the_list_is_declared_as_needed if count(exists.needs) == 1

escalation := {"action": {"kind": "escalate"}}
