package gate.rules.target.do_not_touch_test

import rego.v2

import data.gate.lib.sample_test as sample
import data.gate.rules.target.do_not_touch

refusals(document) := found if {
	found := count(do_not_touch.deny) with input as document
}

hands_off := sample.changed({"runbook": {"do_not_touch": true}})

test_what_the_runbook_does_not_mention_passes if refusals(sample.allowed) == 0

test_what_the_runbook_protects_is_refused if {
	messages := do_not_touch.deny with input as hands_off
	messages == {"runbook crash-loop says not to touch Deployment payments-api"}
}

test_escalating_about_it_passes if refusals(object.union(hands_off, {"action": {"kind": "escalate"}})) == 0

test_without_a_runbook_nobody_says_so if refusals(sample.changed({"runbook": null})) == 0

test_not_knowing_is_refused if refusals(sample.without(["runbook", "do_not_touch"])) == 1
