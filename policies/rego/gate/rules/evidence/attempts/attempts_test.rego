package gate.rules.evidence.attempts_test

import rego.v2

import data.gate.lib.sample_test as sample
import data.gate.rules.evidence.attempts

refusals(document) := found if {
	found := count(attempts.deny) with input as document
}

tried(number) := sample.changed({"runbook": {"attempts": number}})

test_the_last_attempt_passes if refusals(tried(2)) == 0

test_one_more_is_refused if {
	messages := attempts.deny with input as tried(3)
	messages == {"3 attempts of 3 were made"}
}

test_people_take_over if refusals(object.union(tried(3), {"proposer": {"kind": "person"}})) == 0

test_escalating_goes_on if refusals(object.union(tried(3), {"action": {"kind": "escalate"}})) == 0

test_no_runbook_counts_no_attempts if refusals(sample.changed({"runbook": null})) == 0

test_not_knowing_is_refused if {
	refusals(sample.without(["runbook", "attempts"])) == 1
	refusals(sample.without(["runbook", "max_attempts"])) == 1
	refusals(json.remove(tried(3), ["proposer"])) == 1
}
