package gate.rules.action.replicas_in_range_test

import rego.v2

import data.gate.lib.sample_test as sample
import data.gate.rules.action.replicas_in_range

refusals(document) := found if {
	found := count(replicas_in_range.deny) with input as document
}

scaling(before, after) := sample.changed({
	"action": {"kind": "scale_workload"},
	"facts": {"scale": {"before": before, "after": after}},
})

test_up_to_every_limit_it_passes if {
	refusals(scaling(3, 6)) == 0
	refusals(scaling(25, 50)) == 0
	refusals(scaling(8, 1)) == 0
	refusals(scaling(0, 2)) == 0
}

test_over_the_growth_it_is_refused if {
	refusals(scaling(3, 7)) == 1
	refusals(scaling(0, 3)) == 1
}

test_over_the_maximum_it_is_refused if refusals(scaling(50, 51)) == 1

test_scaling_to_nothing_is_refused if refusals(scaling(3, 0)) == 1

test_scaling_without_figures_is_refused if {
	refusals(scaling(null, 2)) == 1
	refusals(scaling(3, null)) == 1
	refusals(sample.without(["facts", "scale", "after"])) == 1
	refusals(sample.without(["facts", "scale"])) == 1
}

test_a_kind_that_does_not_scale_is_held_once_it_does if {
	refusals(sample.allowed) == 0
	refusals(sample.changed({"facts": {"scale": {"before": 3, "after": 30}}})) == 1
}

test_without_limits_no_count_passes if {
	found := count(replicas_in_range.deny) with input as scaling(3, 4) with data.gate.data.actions.scaling as {}
	found == 1
	for_another := count(replicas_in_range.deny) with input as sample.allowed with data.gate.data.actions as {}
	for_another == 1
}

test_the_limits_are_declared_as_needed if count(replicas_in_range.needs) == 4
