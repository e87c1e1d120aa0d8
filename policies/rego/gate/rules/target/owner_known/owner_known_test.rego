package gate.rules.target.owner_known_test

import rego.v2

import data.gate.lib.sample_test as sample
import data.gate.rules.target.owner_known

refusals(document) := found if {
	found := count(owner_known.deny) with input as document
}

orphan := sample.changed({"facts": {"target": {"owner": ""}}})

test_an_owned_target_passes if refusals(sample.allowed) == 0

test_a_target_without_owner_is_refused if {
	messages := owner_known.deny with input as orphan
	messages == {"payments/payments-api has no owner"}
}

test_people_are_bound_too if refusals(object.union(orphan, {"proposer": {"id": "alice", "kind": "person"}})) == 1

test_what_changes_nothing_needs_no_owner if refusals(object.union(orphan, {"action": {"kind": "escalate"}})) == 0

test_not_knowing_is_refused if {
	refusals(sample.without(["facts", "target", "owner"])) == 1
	refusals(sample.without(["facts", "target"])) == 1
	refusals(sample.changed({"facts": {"target": {"owner": null}}})) == 1
}
