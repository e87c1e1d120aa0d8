package gate.rules.target.environment_known_test

import rego.v2

import data.gate.lib.sample_test as sample
import data.gate.rules.target.environment_known

refusals(document) := found if {
	found := count(environment_known.deny) with input as document
}

unlabelled := sample.changed({"facts": {"target": {"environment": "unknown"}}})

test_a_labelled_environment_passes if {
	every environment in ["production", "staging", "development"] {
		refusals(sample.changed({"facts": {"target": {"environment": environment}}})) == 0
	}
}

test_automation_is_refused_where_nobody_said if refusals(unlabelled) == 1

test_a_person_is_not_held_by_it if refusals(object.union(unlabelled, {"proposer": {"kind": "person"}})) == 0

test_what_changes_nothing_passes if refusals(object.union(unlabelled, {"action": {"kind": "escalate"}})) == 0

test_not_knowing_is_refused if {
	refusals(sample.without(["facts", "target", "environment"])) == 1
	refusals(sample.without(["facts"])) == 1
	refusals(json.remove(unlabelled, ["proposer/kind"])) == 1
}
