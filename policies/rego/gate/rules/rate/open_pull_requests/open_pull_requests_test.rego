package gate.rules.rate.open_pull_requests_test

import rego.v2

import data.gate.lib.sample_test as sample
import data.gate.rules.rate.open_pull_requests

refusals(document) := found if {
	found := count(open_pull_requests.deny) with input as document
}

waiting(number) := sample.changed({"facts": {"open": {"pull_requests": number}}})

test_under_the_cap_it_passes if refusals(waiting(9)) == 0

test_at_the_cap_one_more_is_refused if {
	messages := open_pull_requests.deny with input as waiting(10)
	messages == {"10 pull requests wait already, the cap is 10"}
}

test_one_that_is_open_already_may_merge if {
	refusals(object.union(waiting(10), {"stage": "merge"})) == 0
	refusals(object.union(waiting(10), {"stage": "admission"})) == 0
}

test_people_are_not_held_by_it if refusals(object.union(waiting(10), {"proposer": {"kind": "person"}})) == 0

test_escalating_opens_none if refusals(object.union(waiting(10), {"action": {"kind": "escalate"}})) == 0

test_not_knowing_is_refused if {
	refusals(sample.without(["facts", "open", "pull_requests"])) == 1
	refusals(sample.without(["facts"])) == 1
	found := count(open_pull_requests.deny) with input as sample.allowed with data.gate.data.rates as {}
	found == 1
}

test_the_cap_is_declared_as_needed if count(open_pull_requests.needs) == 1
