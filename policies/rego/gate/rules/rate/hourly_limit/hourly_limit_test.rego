package gate.rules.rate.hourly_limit_test

import rego.v2

import data.gate.lib.sample_test as sample
import data.gate.rules.rate.hourly_limit

refusals(document) := found if {
	found := count(hourly_limit.deny) with input as document
}

spent(fields) := sample.changed({"facts": {"budgets": {"automatic_fixes": fields}}})

test_the_last_free_fix_passes if refusals(spent({"used": 4})) == 0

test_one_more_is_refused if {
	messages := hourly_limit.deny with input as spent({"used": 5})
	messages == {"5 automatic fixes in the last 3600 s in prod-eu/payments, the limit is 5"}
}

test_at_merge_its_own_place_is_already_counted if {
	refusals(object.union(sample.merging, spent({"used": 5, "requested": 0}))) == 0
	refusals(object.union(sample.merging, spent({"used": 6, "requested": 0}))) == 1
}

test_an_approval_that_counts_lifts_it if {
	approved := sample.seen(object.union(spent({"used": 5}), {"approvals": [sample.approved_by("alice")]}))
	found := count(hourly_limit.deny) with input as approved with data.gate.data.people as sample.people
	found == 0
}

test_an_approval_that_does_not_count_leaves_it if {
	own := object.union(sample.approved_by("alice"), {"author": true})
	approved := sample.seen(object.union(spent({"used": 5}), {"approvals": [own]}))
	found := count(hourly_limit.deny) with input as approved with data.gate.data.people as sample.people
	found == 1
}

test_what_never_goes_alone_is_not_bound if {
	refusals(object.union(spent({"used": 5}), {"action": {"kind": "rollback_workload"}})) == 0
	refusals(object.union(spent({"used": 5}), {"action": {"kind": "escalate"}})) == 0
}

test_reaching_further_is_no_way_round_it if {
	refusals(object.union(spent({"used": 5}), {"facts": {"blast": {"pods": 25}}})) == 1
}

test_counting_over_less_than_the_window_is_refused if refusals(spent({"window_seconds": 3599})) == 1

test_not_knowing_is_refused if {
	every field in ["used", "requested", "window_seconds"] {
		refusals(sample.without(["facts", "budgets", "automatic_fixes", field])) == 1
	}
	refusals(sample.without(["facts", "budgets"])) == 1
	found := count(hourly_limit.deny) with input as sample.allowed with data.gate.data.rates as {}
	found == 1
}

test_the_limits_are_declared_as_needed if count(hourly_limit.needs) == 2
