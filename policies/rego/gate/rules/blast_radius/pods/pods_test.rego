package gate.rules.blast_radius.pods_test

import rego.v2

import data.gate.lib.sample_test as sample
import data.gate.rules.blast_radius.pods

refusals(document) := found if {
	found := count(pods.deny) with input as document
}

in_place(environment, number) := sample.changed({"facts": {
	"target": {"environment": environment},
	"blast": {"pods": number},
}})

test_up_to_the_limit_it_passes if {
	refusals(in_place("production", 30)) == 0
	refusals(in_place("staging", 60)) == 0
	refusals(in_place("development", 100)) == 0
}

test_over_the_limit_it_is_refused if {
	refusals(in_place("production", 31)) == 1
	refusals(in_place("staging", 61)) == 1
	refusals(in_place("development", 101)) == 1
}

test_an_unknown_environment_counts_as_production if {
	messages := pods.deny with input as in_place("unknown", 31)
	messages == {"31 pods would feel it, in production the most is 30"}
}

test_people_are_bound_too if refusals(object.union(in_place("production", 31), {"proposer": {"kind": "person"}})) == 1

test_what_changes_nothing_passes if {
	refusals(object.union(in_place("production", 31), {"action": {"kind": "escalate"}})) == 0
}

test_not_knowing_is_refused if {
	refusals(sample.without(["facts", "blast", "pods"])) == 1
	refusals(sample.without(["facts"])) == 1
	found := count(pods.deny) with input as sample.allowed with data.gate.data.blast as {}
	found == 1
}

test_the_limits_are_declared_as_needed if count(pods.needs) == 3
