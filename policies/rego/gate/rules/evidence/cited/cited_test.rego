package gate.rules.evidence.cited_test

import rego.v2

import data.gate.lib.sample_test as sample
import data.gate.rules.evidence.cited

refusals(document) := found if {
	found := count(cited.deny) with input as document
}

citing(number) := sample.changed({"evidence": {"cited": number}})

test_the_least_passes if refusals(citing(1)) == 0

test_less_is_refused if {
	messages := cited.deny with input as citing(0)
	messages == {"it cites 0 pieces of evidence, the least is 1"}
	refusals(object.union(citing(0), {"proposer": {"kind": "analyst"}})) == 1
}

test_people_drift_and_pipeline_need_not_cite if {
	every proposer in ["person", "drift", "pipeline"] {
		refusals(object.union(citing(0), {"proposer": {"kind": proposer}})) == 0
	}
}

test_escalating_needs_no_evidence if refusals(object.union(citing(0), {"action": {"kind": "escalate"}})) == 0

test_not_knowing_is_refused if {
	refusals(sample.without(["evidence", "cited"])) == 1
	refusals(sample.without(["evidence"])) == 1
	refusals(json.remove(citing(0), ["proposer"])) == 1
	found := count(cited.deny) with input as sample.allowed with data.gate.data.evidence as {}
	found == 1
}

test_what_it_needs_is_declared if count(cited.needs) == 2
