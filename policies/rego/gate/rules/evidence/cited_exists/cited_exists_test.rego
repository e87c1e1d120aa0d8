package gate.rules.evidence.cited_exists_test

import rego.v2

import data.gate.lib.sample_test as sample
import data.gate.rules.evidence.cited_exists

refusals(document) := found if {
	found := count(cited_exists.deny) with input as document
}

citing(fields) := sample.changed({"evidence": fields})

test_evidence_that_exists_passes if refusals(citing({"missing": 0})) == 0

test_one_invented_piece_is_refused if {
	messages := cited_exists.deny with input as citing({"missing": 1})
	messages == {"1 cited pieces of evidence don't exist"}
}

test_people_are_bound_too if refusals(object.union(citing({"missing": 1}), {"proposer": {"kind": "person"}})) == 1

test_not_knowing_is_refused if {
	refusals(sample.without(["evidence", "missing"])) == 1
	refusals(sample.without(["evidence"])) == 1
}
