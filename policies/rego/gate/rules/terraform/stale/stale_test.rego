package gate.rules.terraform.stale_test

import rego.v2

import data.gate.lib.sample_test as sample
import data.gate.rules.terraform.stale

refusals(document) := found if {
	found := count(stale.deny) with input as document
}

refused_for(reason) := object.union(sample.planning({}), {"change": {"built": false, "refusal": reason}})

test_a_fresh_plan_passes if refusals(sample.planning({})) == 0

test_a_stale_one_is_refused if refusals(refused_for("stale_plan")) == 1

test_another_refusal_is_another_rule_s if refusals(refused_for("nothing_to_change")) == 0

test_not_knowing_is_refused if refusals(json.remove(sample.planning({}), ["change/refusal"])) == 1

test_another_kind_of_action_has_no_plan if {
	refusals(sample.changed({"change": {"refusal": "stale_plan"}})) == 0
}
