package gate.rules.rate.cooldown_test

import rego.v2

import data.gate.lib.sample_test as sample
import data.gate.rules.rate.cooldown

refusals(document) := found if {
	found := count(cooldown.deny) with input as document
}

done(seconds) := sample.changed({"facts": {"open": {"same_action_age_seconds": seconds}}})

test_never_done_before_passes if refusals(sample.allowed) == 0

test_after_the_wait_it_passes if refusals(done(300)) == 0

test_before_that_it_is_refused if {
	messages := cooldown.deny with input as done(299)
	messages == {"the same action was merged 299 s ago, the wait is 300 s"}
}

test_it_is_asked_once if {
	refusals(object.union(done(0), {"stage": "merge"})) == 0
	refusals(object.union(done(0), {"stage": "admission"})) == 0
}

test_a_person_may_repeat_it if refusals(object.union(done(0), {"proposer": {"kind": "person"}})) == 0

test_escalating_may_be_repeated if refusals(object.union(done(0), {"action": {"kind": "escalate"}})) == 0

test_not_knowing_is_refused if {
	refusals(sample.without(["facts", "open", "same_action_age_seconds"])) == 1
	refusals(sample.without(["facts"])) == 1
	refusals(json.remove(done(0), ["stage"])) == 1
	found := count(cooldown.deny) with input as done(300) with data.gate.data.rates as {}
	found == 1
}

test_the_wait_is_declared_as_needed if count(cooldown.needs) == 1
