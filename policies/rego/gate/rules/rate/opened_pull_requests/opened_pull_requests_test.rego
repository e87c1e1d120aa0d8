package gate.rules.rate.opened_pull_requests_test

import rego.v2

import data.gate.lib.sample_test as sample
import data.gate.rules.rate.opened_pull_requests

refusals(document) := found if {
	found := count(opened_pull_requests.deny) with input as document
}

opened(number) := sample.changed({"facts": {"open": {"opened_lately": number}}})

test_under_the_cap_it_passes if refusals(opened(19)) == 0

test_at_the_cap_one_more_is_refused if {
	messages := opened_pull_requests.deny with input as opened(20)
	messages == {"20 pull requests were opened lately, the cap is 20"}
}

test_one_that_is_open_already_may_merge if {
	refusals(object.union(opened(20), {"stage": "merge"})) == 0
	refusals(object.union(opened(20), {"stage": "admission"})) == 0
}

test_people_are_not_held_by_it if refusals(object.union(opened(20), {"proposer": {"kind": "person"}})) == 0

test_escalating_opens_none if refusals(object.union(opened(20), {"action": {"kind": "escalate"}})) == 0

test_not_knowing_is_refused if {
	refusals(sample.without(["facts", "open", "opened_lately"])) == 1
	refusals(sample.without(["facts"])) == 1
	refusals(json.remove(opened(20), ["stage"])) == 1
	found := count(opened_pull_requests.deny) with input as sample.allowed with data.gate.data.rates as {}
	found == 1
}

test_the_cap_is_declared_as_needed if count(opened_pull_requests.needs) == 1
