package gate.rules.reversibility.data_loss_test

import rego.v2

import data.gate.lib.sample_test as sample
import data.gate.rules.reversibility.data_loss

refused(document) if count(data_loss.deny) == 1 with input as document

losing := sample.changed({"facts": {"reversibility": {"data_loss": true}}})

test_automation_never_loses_data if {
	every kind in ["agent", "analyst", "drift", "pipeline"] {
		refused(object.union(losing, {"proposer": {"kind": kind}}))
	}
}

test_a_person_may_propose_it if not refused(object.union(losing, {"proposer": {"kind": "person"}}))

test_what_loses_nothing_is_not_refused if not refused(sample.allowed)

test_not_knowing_is_losing if {
	refused(sample.without(["facts", "reversibility", "data_loss"]))
	refused(sample.without(["facts"]))
	refused(json.remove(losing, ["proposer/kind"]))
}

test_it_says_that_it_cannot_be_undone if {
	data_loss.deny == {"restart_workload would lose data, which can't be undone"} with input as losing
}
