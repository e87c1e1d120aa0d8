package gate.rules.blast_radius.unknown_test

import rego.v2

import data.gate.lib.sample_test as sample
import data.gate.rules.blast_radius.unknown

refusals(document) := found if {
	found := count(unknown.deny) with input as document
}

partly := sample.changed({"facts": {"blast": {"unknown": ["pods", "dependents"]}}})

test_a_known_radius_passes if refusals(sample.allowed) == 0

test_a_figure_that_is_not_known_is_named if {
	messages := unknown.deny with input as partly
	messages == {"not known of its blast radius is dependents, pods"}
}

test_a_person_may_know_more if refusals(object.union(partly, {"proposer": {"kind": "person"}})) == 0

test_escalating_reaches_nobody if refusals(object.union(partly, {"action": {"kind": "escalate"}})) == 0

test_not_knowing_what_is_known_is_refused if {
	refusals(sample.without(["facts", "blast", "unknown"])) == 1
	refusals(sample.without(["facts"])) == 1
	refusals(json.remove(partly, ["proposer"])) == 1
}
