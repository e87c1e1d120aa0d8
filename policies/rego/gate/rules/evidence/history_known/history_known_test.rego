package gate.rules.evidence.history_known_test

import rego.v2

import data.gate.lib.sample_test as sample
import data.gate.rules.evidence.history_known

refusals(document) := found if {
	found := count(history_known.deny) with input as document
}

unread := sample.changed({"facts": {"recent": {"known": false}}})

test_a_history_that_was_read_passes if refusals(sample.allowed) == 0

test_one_that_was_not_is_refused if {
	messages := history_known.deny with input as unread
	messages == {"recent changes of payments-api couldn't be read"}
}

test_a_person_may_know_it if refusals(object.union(unread, {"proposer": {"kind": "person"}})) == 0

test_escalating_buries_nothing if refusals(object.union(unread, {"action": {"kind": "escalate"}})) == 0

test_not_knowing_is_refused if {
	refusals(sample.without(["facts", "recent", "known"])) == 1
	refusals(sample.without(["facts"])) == 1
	refusals(json.remove(unread, ["proposer/kind"])) == 1
}
