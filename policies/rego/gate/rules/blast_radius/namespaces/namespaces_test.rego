package gate.rules.blast_radius.namespaces_test

import rego.v2

import data.gate.lib.sample_test as sample
import data.gate.rules.blast_radius.namespaces

refusals(document) := found if {
	found := count(namespaces.deny) with input as document
}

in_place(environment, number) := sample.changed({"facts": {
	"target": {"environment": environment},
	"blast": {"namespaces": number},
}})

test_up_to_the_limit_it_passes if {
	refusals(in_place("production", 4)) == 0
	refusals(in_place("development", 8)) == 0
}

test_over_the_limit_it_is_refused if {
	refusals(in_place("production", 5)) == 1
	refusals(in_place("unknown", 5)) == 1
	refusals(in_place("development", 9)) == 1
}

test_not_knowing_is_refused if {
	refusals(sample.without(["facts", "blast", "namespaces"])) == 1
	refusals(sample.without(["facts"])) == 1
	found := count(namespaces.deny) with input as sample.allowed with data.gate.data.blast as {}
	found == 1
}

test_the_limits_are_declared_as_needed if count(namespaces.needs) == 3
