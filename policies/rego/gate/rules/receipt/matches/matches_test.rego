package gate.rules.receipt.matches_test

import rego.v2

import data.gate.lib.sample_test as sample
import data.gate.rules.receipt.matches

refusals(document) := found if {
	found := count(matches.deny) with input as document
}

test_a_proposal_has_no_receipt_yet if refusals(sample.allowed) == 0

test_what_was_decided_may_merge_and_be_admitted if {
	refusals(sample.merging) == 0
	refusals(object.union(sample.merging, {"stage": "admission"})) == 0
}

test_each_thing_that_is_another_now_is_named if {
	every field in object.keys(matches.bound) {
		refusals(object.union(sample.merging, {"receipt": {field: false}})) == 1
		refusals(json.remove(sample.merging, [$"receipt/{field}"])) == 1
	}
	refusals(object.union(sample.merging, {"receipt": {"head_matches": false, "target_matches": "yes"}})) == 2
}

test_without_a_receipt_nothing_merges if {
	refusals(object.union(sample.merging, {"receipt": null})) == 1
	refusals(json.remove(sample.merging, ["receipt"])) == 1
}

test_an_unknown_stage_wants_a_receipt if {
	refusals(sample.changed({"stage": "apply"})) == 1
	refusals(sample.without(["stage"])) == 1
}

test_a_receipt_has_to_hold_at_whatever_stage_it_is_shown if {
	refusals(object.union(sample.merging, {"stage": "propose", "receipt": {"action_matches": false}})) == 1
}

test_what_differs_is_named if {
	matches.deny == {"the head commit is not the one that was decided on"} with input as object.union(
		sample.merging,
		{"receipt": {"head_matches": false}},
	)
}

test_an_agents_own_write_is_refused_and_named if {
	messages := matches.deny with input as writing
	messages == {"agent:triage may not write to the cluster itself"}
	refusals(json.remove(writing, ["proposer/kind"])) == 1
	refusals(object.union(writing, {"stage": "apply"})) == 1
	refusals(object.union(writing, {"receipt": "yes"})) == 1
}

test_a_person_without_a_receipt_is_told_so if {
	messages := matches.deny with input as object.union(writing, {"proposer": {"kind": "person"}})
	messages == {"there is no receipt"}
}

writing := sample.changed({"stage": "admission", "receipt": null})

test_the_lists_of_who_writes_are_declared_as_needed if count(matches.needs) == 4
