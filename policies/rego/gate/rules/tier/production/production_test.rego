package gate.rules.tier.production_test

import rego.v2

import data.gate.lib.sample_test as sample
import data.gate.rules.tier.production

levels(document) := found if {
	found := {raised.tier | some raised in production.tier} with input as document
}

scaling(environment) := object.union(
	sample.acting("scale_workload"),
	{"facts": {"target": {"environment": environment}}},
)

test_scaling_is_raised_in_production_only if {
	levels(scaling("production")) == {2}
	levels(scaling("staging")) == set()
	levels(scaling("development")) == set()
}

test_an_unknown_environment_is_production if {
	levels(scaling("unknown")) == {2}
	levels(scaling("")) == {2}
	levels(json.remove(scaling("staging"), ["facts/target/environment"])) == {2}
}

test_other_kinds_are_not_raised if levels(sample.allowed) == set()

test_the_list_is_declared_as_needed if count(production.needs) == 1
