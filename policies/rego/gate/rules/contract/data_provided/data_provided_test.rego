package gate.rules.contract.data_provided_test

import rego.v2

import data.gate.data as shipped
import data.gate.lib.needs
import data.gate.lib.sample_test as sample
import data.gate.rules.contract.data_provided

test_the_shipped_data_has_what_the_shipped_rules_need if count(data_provided.deny) == 0 with input as sample.allowed

test_every_topic_taken_away_is_a_refusal if {
	needed := {need.path[0] | some need in needs.declared} with input as sample.allowed
	count(needed) > 5
	every topic in needed {
		count(data_provided.deny) > 0 with input as sample.allowed
			with data.gate.data as object.remove(shipped, [topic])
	}
}

test_what_is_missing_is_named if {
	lacking := data_provided.deny with input as sample.allowed
		with data.gate.data as json.remove(shipped, ["changes/maximum_lines"])
	lacking == {"policy data changes.maximum_lines is missing, is not of type number or is too small"}
}

test_a_need_without_a_path_is_a_refusal if {
	count(data_provided.deny) == 1 with data.gate.lib.needs.unmet as {{"path": ["x"]}}
	count(data_provided.deny) == 1 with data.gate.lib.needs.unmet as {{"path": "x", "type": "number"}}
}

test_no_declared_need_at_all_is_a_refusal if {
	count(data_provided.deny) > 0 with input as sample.allowed with data.gate.lib.needs.declared as set()
}
