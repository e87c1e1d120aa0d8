package gate.rules.action.kind_for_proposer_test

import rego.v2

import data.gate.lib.sample_test as sample
import data.gate.rules.action.kind_for_proposer

refusals(document) := found if {
	found := count(kind_for_proposer.deny) with input as document
}

proposing(proposer, kind) := sample.changed({"proposer": {"kind": proposer}, "action": {"kind": kind}})

test_each_proposer_has_its_kinds if {
	every case in [["agent", "restart_workload"], ["analyst", "rollback_workload"], ["drift", "revert_drift"]] {
		refusals(proposing(case[0], case[1])) == 0
	}
	refusals(proposing("pipeline", "terraform_change")) == 0
}

test_what_widens_permissions_is_never_automations if {
	every proposer in ["agent", "analyst", "drift"] {
		every kind in ["change_iam", "change_rbac", "change_network_policy", "terraform_change"] {
			refusals(proposing(proposer, kind)) == 1
		}
	}
}

test_drift_and_pipeline_stay_with_their_own if {
	messages := kind_for_proposer.deny with input as proposing("drift", "restart_workload")
	messages == {"a proposer of kind drift may not propose restart_workload"}
	refusals(proposing("pipeline", "delete_resource")) == 1
}

test_a_person_may_propose_any if refusals(proposing("person", "change_rbac")) == 0

test_an_unknown_proposer_or_kind_is_refused if {
	refusals(proposing("robot", "restart_workload")) == 1
	refusals(proposing("agent", "reboot_moon")) == 1
	refusals(sample.without(["proposer", "kind"])) == 1
	refusals(sample.without(["action", "kind"])) == 1
	refusals_without_data(sample.allowed) == 1
}

refusals_without_data(document) := found if {
	found := count(kind_for_proposer.deny) with input as document with data.gate.data.actions as {}
}

test_every_kind_with_a_tier_is_for_somebody_or_for_people_only if {
	may := {kind | some kind in data.gate.data.actions.may_propose[_]}
	alone := {
		"change_iam", "change_network_policy", "change_rbac", "edit_by_hand", "learn_incident", "promote_autonomy",
	}
	object.keys(data.gate.data.tiers.kinds) - may == alone
}

test_every_listed_kind_has_a_tier if {
	may := {kind | some kind in data.gate.data.actions.may_propose[_]}
	may - object.keys(data.gate.data.tiers.kinds) == set()
}

test_the_list_is_declared_as_needed if count(kind_for_proposer.needs) == 1
