package gate.rules.tier.base_test

import rego.v2

import data.gate.lib.sample_test as sample
import data.gate.rules.tier.base

levels(document) := found if {
	found := {raised.tier | some raised in base.tier} with input as document
}

test_a_kind_starts_from_the_tier_of_the_data if {
	levels(sample.allowed) == {1}
	levels(sample.acting("escalate")) == {0}
	levels(sample.acting("rollback_workload")) == {2}
	levels(sample.acting("change_rbac")) == {3}
}

test_a_kind_the_data_does_not_list_starts_from_3 if {
	levels(sample.acting("format_disk")) == {3}
	levels(sample.without(["action", "kind"])) == {3}
	found := {raised.tier | some raised in base.tier} with input as sample.allowed with data.gate.data.tiers as {}
	found == {3}
}

test_it_says_why if {
	base.tier == {{"tier": 1, "because": "restart_workload starts from tier 1"}} with input as sample.allowed
}

test_what_is_owed_afterwards_follows_the_risk if {
	base.obligation == {"notify_owner", "verify_after_apply"} with input as sample.allowed
	base.obligation == set() with input as sample.acting("escalate")
	"review_afterwards" in base.obligation with input as sample.acting("delete_resource")
}

test_the_tiers_are_declared_as_needed if count(base.needs) == 5 with input as sample.allowed
