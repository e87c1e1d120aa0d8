package gate.rules.admission.direct_write_test

import rego.v2

import data.gate.lib.sample_test as sample
import data.gate.rules.admission.direct_write

refused(document) if count(direct_write.deny) == 1 with input as document

writing := sample.changed({"stage": "admission", "receipt": null})

test_an_agents_own_write_is_refused if {
	messages := direct_write.deny with input as writing
	messages == {"agent:triage may not write to the cluster itself"}
}

test_what_was_decided_and_merged_is_applied if {
	not refused(object.union(sample.merging, {"stage": "admission"}))
}

test_proposing_and_merging_write_nothing if {
	not refused(sample.allowed)
	not refused(sample.merging)
}

test_a_person_is_held_by_the_roles_of_the_cluster_alone if {
	not refused(object.union(writing, {"proposer": {"kind": "person"}}))
}

test_not_knowing_is_refused if {
	refused(json.remove(writing, ["stage"]))
	refused(json.remove(writing, ["receipt"]))
	refused(json.remove(writing, ["proposer/kind"]))
	refused(object.union(writing, {"stage": "apply"}))
	refused(object.union(writing, {"receipt": "yes"}))
}

test_the_lists_are_declared_as_needed if count(direct_write.needs) == 4
