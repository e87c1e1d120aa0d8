package gate.rules.blast_radius.autoscaler_test

import rego.v2

import data.gate.lib.sample_test as sample
import data.gate.rules.blast_radius.autoscaler

refusals(document) := found if {
	found := count(autoscaler.deny) with input as document
}

with_effect(effect) := sample.changed({"facts": {"blast": {"autoscaler": effect}}})

test_no_autoscaler_in_the_way_passes if {
	refusals(with_effect("unaffected")) == 0
	refusals(with_effect("none")) == 0
}

test_a_conflict_is_refused if refusals(with_effect("conflict")) == 1

test_escalating_sets_nothing if refusals(object.union(with_effect("conflict"), {"action": {"kind": "escalate"}})) == 0

test_not_knowing_is_refused if {
	refusals(with_effect("unknown")) == 1
	refusals(sample.without(["facts", "blast", "autoscaler"])) == 1
	refusals(sample.without(["facts"])) == 1
}
