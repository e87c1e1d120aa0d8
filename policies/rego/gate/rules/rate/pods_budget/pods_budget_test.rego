package gate.rules.rate.pods_budget_test

import rego.v2

import data.gate.lib.sample_test as sample
import data.gate.rules.rate.pods_budget

refusals(document) := found if {
	found := count(pods_budget.deny) with input as document
}

spent(fields) := sample.changed({"facts": {"budgets": {"pods": fields}}})

test_up_to_the_limit_it_passes if refusals(spent({"used": 56, "requested": 4})) == 0

test_over_the_limit_it_is_refused if {
	messages := pods_budget.deny with input as spent({"used": 57, "requested": 4})
	messages == {"57 pods disturbed in prod-eu/payments lately and 4 more, the limit is 60"}
}

test_approval_does_not_lift_it if {
	approved := object.union(spent({"used": 57}), {"approvals": [sample.approved_by("alice")]})
	found := count(pods_budget.deny) with input as approved with data.gate.data.people as sample.people
	found == 1
}

test_what_changes_nothing_is_not_bound if {
	refusals(object.union(spent({"used": 61}), {"action": {"kind": "escalate"}})) == 0
}

test_not_knowing_is_refused if {
	every field in ["used", "requested", "window_seconds"] {
		refusals(sample.without(["facts", "budgets", "pods", field])) == 1
	}
	refusals(sample.without(["facts", "budgets"])) == 1
	found := count(pods_budget.deny) with input as sample.allowed with data.gate.data.rates as {}
	found == 1
}

test_the_limits_are_declared_as_needed if count(pods_budget.needs) == 2
