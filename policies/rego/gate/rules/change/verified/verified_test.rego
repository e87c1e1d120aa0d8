package gate.rules.change.verified_test

import rego.v2

import data.gate.lib.sample_test as sample
import data.gate.rules.change.verified

messages(fields) := found if {
	found := verified.deny with input as sample.changed({"change": fields})
}

test_a_verified_change_is_not_refused if messages({}) == set()

test_a_change_that_could_not_be_built_is_refused_with_its_code if {
	messages({"built": false, "verified": false, "refusal": "source_ambiguous"}) == {"the change couldn't be built (source_ambiguous)"}
}

test_a_change_that_does_something_else_is_refused if count(messages({"verified": false})) == 1

test_an_action_that_needs_no_change_is_not_refused if {
	messages({"needed": false, "built": false, "verified": false}) == set()
	messages({"needed": false, "built": true, "verified": false}) == set()
}

test_not_knowing_is_unverified if {
	every field in ["built", "verified"] {
		count(verified.deny) == 1 with input as sample.without(["change", field])
	}
	count(verified.deny) == 1 with input as sample.without(["change"])
	count(verified.deny) == 1 with input as json.remove(sample.changed({"change": {"verified": false}}), ["change/needed"])
}
