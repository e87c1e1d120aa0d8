package gate.rules.rate.one_at_a_time_test

import rego.v2

import data.gate.lib.sample_test as sample
import data.gate.rules.rate.one_at_a_time

refusals(document) := found if {
	found := count(one_at_a_time.deny) with input as document
}

under_way(number) := sample.changed({"facts": {"open": {"proposals_on_target": number}}})

test_alone_on_its_target_it_passes if refusals(under_way(0)) == 0

test_a_second_one_is_refused if {
	messages := one_at_a_time.deny with input as under_way(1)
	messages == {"1 other proposals on this target are under way"}
}

test_people_are_bound_too if refusals(object.union(under_way(1), {"proposer": {"kind": "person"}})) == 1

test_one_that_is_open_already_may_merge if {
	refusals(object.union(under_way(1), {"stage": "merge"})) == 0
	refusals(object.union(under_way(1), {"stage": "admission"})) == 0
}

test_escalating_disturbs_none if refusals(object.union(under_way(1), {"action": {"kind": "escalate"}})) == 0

test_not_knowing_is_refused if {
	refusals(sample.without(["facts", "open", "proposals_on_target"])) == 1
	refusals(sample.without(["facts"])) == 1
	refusals(json.remove(under_way(1), ["stage"])) == 1
}
