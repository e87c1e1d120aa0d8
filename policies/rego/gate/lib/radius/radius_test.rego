package gate.lib.radius_test

import rego.v2

import data.gate.lib.radius
import data.gate.lib.sample_test as sample

limits := {"production": {"pods": 4}, "staging": {"pods": 8}, "development": {"pods": 16}}

exceeded(document) if radius.exceeded("pods") with input as document with data.gate.data.blast.limits as limits

touching(environment, pods) := sample.changed({"facts": {
	"target": {"environment": environment},
	"blast": {"pods": pods},
}})

test_each_environment_has_its_limit if {
	every case in [["production", 4], ["staging", 8], ["development", 16], ["unknown", 4]] {
		not exceeded(touching(case[0], case[1]))
		exceeded(touching(case[0], case[1] + 1))
	}
}

test_what_changes_nothing_has_no_reach if {
	not exceeded(object.union(touching("production", 5), {"action": {"kind": "escalate"}}))
}

test_a_missing_figure_or_limit_is_exceeded if {
	exceeded(sample.without(["facts", "blast", "pods"]))
	radius.exceeded("pods") with input as sample.allowed with data.gate.data.blast.limits as {}
}

test_every_environment_needs_its_limit if count(radius.needs("pods", 1)) == 3
