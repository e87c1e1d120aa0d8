package gate.rules.rate.rejected_cooldown_test

import rego.v2

import data.gate.lib.sample_test as sample
import data.gate.rules.rate.rejected_cooldown

refusals(document) := found if {
	found := count(rejected_cooldown.deny) with input as document
}

rejected(seconds) := sample.changed({"facts": {"open": {"rejected_age_seconds": seconds}}})

test_never_rejected_passes if refusals(sample.allowed) == 0

test_after_the_wait_it_passes if refusals(rejected(86400)) == 0

test_before_that_it_is_refused_at_every_stage if {
	messages := rejected_cooldown.deny with input as rejected(86399)
	messages == {"people rejected the same action 86399 s ago, it waits 86400 s"}
	refusals(object.union(rejected(86399), {"stage": "merge"})) == 1
}

own(seconds, wait) := object.union(rejected(seconds), {"runbook": {"rejected_cooldown_seconds": wait}})

test_the_runbook_may_want_less if refusals(own(600, 600)) == 0

test_the_runbook_may_want_more if {
	messages := rejected_cooldown.deny with input as own(86400, 172800)
	messages == {"people rejected the same action 86400 s ago, it waits 172800 s"}
}

test_without_a_runbook_it_is_the_data_s_wait if {
	refusals(object.union(rejected(86399), {"runbook": null})) == 1
	refusals(object.union(rejected(86400), {"runbook": null})) == 0
}

test_a_person_may_ask_again if refusals(object.union(rejected(0), {"proposer": {"kind": "person"}})) == 0

test_escalating_is_never_too_often if refusals(object.union(rejected(0), {"action": {"kind": "escalate"}})) == 0

test_not_knowing_is_refused if {
	refusals(sample.without(["facts", "open", "rejected_age_seconds"])) == 1
	refusals(sample.without(["facts"])) == 1
	refusals(json.remove(rejected(86400), ["runbook"])) == 1
	refusals(json.remove(rejected(86400), ["runbook/rejected_cooldown_seconds"])) == 1
	found := count(rejected_cooldown.deny) with input as rejected(86400) with data.gate.data.rates as {}
	found == 1
}

test_the_wait_is_declared_as_needed if count(rejected_cooldown.needs) == 1
