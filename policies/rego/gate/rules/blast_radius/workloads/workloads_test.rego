package gate.rules.blast_radius.workloads_test

import rego.v2

import data.gate.lib.sample_test as sample
import data.gate.rules.blast_radius.workloads

refusals(document) := found if {
	found := count(workloads.deny) with input as document
}

in_place(environment, number) := sample.changed({"facts": {
	"target": {"environment": environment},
	"blast": {"workloads": number},
}})

test_up_to_the_limit_it_passes if {
	refusals(in_place("production", 10)) == 0
	refusals(in_place("staging", 20)) == 0
}

test_over_the_limit_it_is_refused if {
	refusals(in_place("production", 11)) == 1
	refusals(in_place("unknown", 11)) == 1
	refusals(in_place("staging", 21)) == 1
}

test_not_knowing_is_refused if {
	refusals(sample.without(["facts", "blast", "workloads"])) == 1
	refusals(sample.without(["facts"])) == 1
	found := count(workloads.deny) with input as sample.allowed with data.gate.data.blast as {}
	found == 1
}

test_the_limits_are_declared_as_needed if count(workloads.needs) == 3
