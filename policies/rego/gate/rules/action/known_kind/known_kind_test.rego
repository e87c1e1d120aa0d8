package gate.rules.action.known_kind_test

import rego.v2

import data.gate.lib.sample_test as sample
import data.gate.rules.action.known_kind

refusals(document) := found if {
	found := count(known_kind.deny) with input as document
}

test_a_known_action_passes if refusals(sample.allowed) == 0

test_an_unknown_action_is_refused_whatever_its_tier if {
	messages := known_kind.deny with input as sample.changed({"action": {"known": false}})
	messages == {"restart_workload with these parameters is not an action the catalogue knows"}
	refusals(sample.changed({"action": {"kind": "escalate", "known": false}})) == 1
}

test_not_knowing_is_refused if {
	refusals(sample.without(["action", "known"])) == 1
	refusals(sample.without(["action"])) == 1
	refusals(sample.changed({"action": {"known": "yes"}})) == 1
}
