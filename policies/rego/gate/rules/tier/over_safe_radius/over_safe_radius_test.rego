package gate.rules.tier.over_safe_radius_test

import rego.v2

import data.gate.lib.sample_test as sample
import data.gate.rules.tier.over_safe_radius

levels(document) := found if {
	found := {raised.tier | some raised in over_safe_radius.tier} with input as document
}

touching(fields) := sample.changed({"facts": {"blast": fields}})

test_up_to_the_limit_a_safe_kind_stays_safe if {
	levels(touching({"pods": 10})) == set()
	levels(touching({"pods_percent": 80})) == set()
}

test_over_the_limit_it_is_moderate if {
	levels(touching({"pods": 11})) == {2}
	levels(touching({"pods_percent": 81})) == {2}
}

test_what_is_not_known_is_over_the_limit if {
	levels(sample.without(["facts", "blast", "pods"])) == {2}
	levels(sample.without(["facts", "blast", "pods_percent"])) == {2}
	levels(sample.without(["facts"])) == {2}
	found := {raised.tier | some raised in over_safe_radius.tier} with input as sample.allowed
		with data.gate.data.tiers.safe_radius as {}
	found == {2}
}

test_other_kinds_keep_their_tier if {
	levels(object.union(touching({"pods": 99}), {"action": {"kind": "rollback_workload"}})) == set()
}

test_the_limits_are_declared_as_needed if count(over_safe_radius.needs) == 2
