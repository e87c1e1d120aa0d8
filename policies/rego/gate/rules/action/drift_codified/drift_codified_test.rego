package gate.rules.action.drift_codified_test

import rego.v2

import data.gate.lib.sample_test as sample
import data.gate.rules.action.drift_codified

codify(proposer, kind, fields) := sample.changed({
	"proposer": {"kind": proposer},
	"action": {"kind": "codify_drift", "target": {"kind": kind}, "params": {"fields": fields}},
})

messages(document) := found if {
	found := drift_codified.deny with input as document
}

bounds := ["spec.minReplicas", "spec.maxReplicas"]

test_what_data_names_may_be_written_down if messages(codify("drift", "HorizontalPodAutoscaler", bounds)) == set()

test_anything_else_may_not if {
	messages(codify("drift", "Deployment", ["spec.replicas"])) == {"the drift watch may not write spec.replicas of a Deployment into Git"}
	count(messages(codify("drift", "HorizontalPodAutoscaler", array.concat(bounds, ["spec.metrics"])))) == 1
	count(messages(codify("drift", "Deployment", bounds))) == 2
}

test_others_answer_for_what_they_write_down if {
	every proposer in ["person", "agent", "analyst", "pipeline"] {
		messages(codify(proposer, "Deployment", ["spec.replicas"])) == set()
	}
}

test_putting_back_is_not_its_business if {
	messages(sample.changed({"proposer": {"kind": "drift"}, "action": {"kind": "revert_drift"}})) == set()
}

test_no_fields_are_refused if {
	count(messages(codify("drift", "HorizontalPodAutoscaler", []))) == 1
	document := codify("drift", "HorizontalPodAutoscaler", bounds)
	count(messages(json.remove(document, ["action/params/fields"]))) == 1
}

test_not_knowing_who_proposes_or_of_what_is_refused if {
	document := codify("drift", "Deployment", ["spec.replicas"])
	count(messages(json.remove(document, ["proposer"]))) == 1
}

test_without_data_nothing_may if {
	count(drift_codified.deny) == 2 with input as codify("drift", "HorizontalPodAutoscaler", bounds)
		with data.gate.data.drift as {}
}

test_what_it_reads_is_declared_as_needed if count(drift_codified.needs) == 2
