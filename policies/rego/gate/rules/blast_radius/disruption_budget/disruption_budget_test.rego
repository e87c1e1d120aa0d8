package gate.rules.blast_radius.disruption_budget_test

import rego.v2

import data.gate.lib.sample_test as sample
import data.gate.rules.blast_radius.disruption_budget

refusals(document) := found if {
	found := count(disruption_budget.deny) with input as document
}

with_effect(effect) := sample.changed({"facts": {"blast": {"disruption_budget": effect}}})

test_a_budget_that_holds_passes if {
	refusals(with_effect("respected")) == 0
	refusals(with_effect("none")) == 0
}

test_a_budget_that_breaks_is_refused if {
	messages := disruption_budget.deny with input as with_effect("violated")
	messages == {"a disruption budget would be violated"}
}

test_escalating_breaks_none if refusals(object.union(with_effect("unknown"), {"action": {"kind": "escalate"}})) == 0

test_not_knowing_is_refused if {
	refusals(with_effect("unknown")) == 1
	refusals(sample.without(["facts", "blast", "disruption_budget"])) == 1
	refusals(sample.without(["facts"])) == 1
}
