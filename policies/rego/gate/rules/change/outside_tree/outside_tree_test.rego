package gate.rules.change.outside_tree_test

import rego.v2

import data.gate.lib.sample_test as sample
import data.gate.rules.change.outside_tree

refused(document) if count(outside_tree.deny) == 1 with input as document

test_a_change_inside_the_tree_is_not_refused if not refused(sample.allowed)

test_one_outside_is if refused(sample.changed({"change": {"outside_tree": true}}))

test_not_knowing_is_outside if {
	refused(sample.without(["change", "outside_tree"]))
	refused(sample.without(["change"]))
}
