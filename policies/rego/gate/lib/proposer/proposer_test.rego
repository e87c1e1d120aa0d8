package gate.lib.proposer_test

import rego.v2

import data.gate.lib.proposer
import data.gate.lib.sample_test as sample

test_a_person_is_not_automation if {
	not proposer.automated with input as sample.changed({"proposer": {"kind": "person"}})
}

test_every_other_kind_is if {
	every kind in ["agent", "analyst", "drift", "pipeline", "robot"] {
		proposer.automated with input as sample.changed({"proposer": {"kind": kind}})
	}
	proposer.automated with input as sample.without(["proposer"])
}
