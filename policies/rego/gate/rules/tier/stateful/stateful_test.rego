package gate.rules.tier.stateful_test

import rego.v2

import data.gate.lib.sample_test as sample
import data.gate.rules.tier.stateful

levels(document) := found if {
	found := {raised.tier | some raised in stateful.tier} with input as document
}

holding(state) := sample.changed({"facts": {"target": {"stateful": state}}})

test_a_safe_kind_on_a_target_without_state_stays_safe if levels(sample.allowed) == set()

test_a_safe_kind_on_state_is_moderate if levels(holding(true)) == {2}

test_not_knowing_is_state if {
	levels(holding(null)) == {2}
	levels(sample.without(["facts", "target", "stateful"])) == {2}
	levels(sample.without(["facts"])) == {2}
}

test_kinds_that_are_no_safe_ones_keep_their_tier if {
	levels(object.union(holding(true), {"action": {"kind": "escalate"}})) == set()
	levels(object.union(holding(true), {"action": {"kind": "rollback_workload"}})) == set()
}
