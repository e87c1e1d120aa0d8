package gate.rules.receipt.expired_test

import rego.v2

import data.gate.lib.sample_test as sample
import data.gate.rules.receipt.expired

refused(document) if count(expired.deny) == 1 with input as document

test_a_decision_that_still_stands_is_not_refused if {
	not refused(sample.merging)
	not refused(sample.allowed)
}

test_an_expired_one_is if {
	refused(object.union(sample.merging, {"receipt": {"expired": true}}))
	refused(object.union(sample.merging, {"stage": "admission", "receipt": {"expired": true}}))
}

test_not_knowing_is_expired if {
	refused(json.remove(sample.merging, ["receipt/expired"]))
	refused(json.remove(object.union(sample.merging, {"receipt": {"expired": true}}), ["stage"]))
}

test_no_receipt_is_left_to_the_rule_about_matching if not refused(object.union(sample.merging, {"receipt": null}))
