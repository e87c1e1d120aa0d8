package gate.rules.switch.frozen_test

import rego.v2

import data.gate.lib.sample_test as sample
import data.gate.rules.switch.frozen

refused(document) if count(frozen.deny) == 1 with input as document

in_mode(mode) := sample.changed({"switch": {"mode": mode}})

test_frozen_refuses_everything if {
	refused(in_mode("frozen"))
	refused(object.union(in_mode("frozen"), {"action": {"kind": "escalate"}}))
	refused(object.union(in_mode("frozen"), {"proposer": {"id": "alice", "kind": "person"}}))
}

test_a_switch_that_cannot_be_read_is_frozen if {
	refused(in_mode("Normal"))
	refused(in_mode(null))
	refused(sample.without(["switch", "mode"]))
	refused(sample.without(["switch"]))
}

test_the_other_modes_are_not_its_matter if {
	not refused(in_mode("normal"))
	not refused(in_mode("advisory"))
}
