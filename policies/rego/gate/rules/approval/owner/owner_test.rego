package gate.rules.approval.owner_test

import rego.v2

import data.gate.lib.sample_test as sample
import data.gate.rules.approval.owner

asked(document) := found if {
	found := owner.approval with input as document
}

two := {{"role": "team:team-payments", "count": 2}}

one := {{"role": "team:team-payments", "count": 1}}

standard(document) := object.union(document, {"facts": {"target": {"criticality": "standard"}}})

test_a_moderate_action_on_production_critical_wants_two_of_the_owners if {
	asked(sample.acting("rollback_workload")) == two
}

test_elsewhere_it_wants_one if {
	asked(standard(sample.acting("rollback_workload"))) == one
	staging := object.union(sample.acting("rollback_workload"), {"facts": {"target": {"environment": "staging"}}})
	asked(staging) == one
}

test_an_advanced_action_wants_one_beside_the_platform_team if asked(sample.acting("change_rbac")) == one

test_a_safe_action_is_left_to_autonomy if {
	asked(sample.allowed) == set()
	asked(sample.acting("escalate")) == set()
}

test_without_an_owner_it_asks_for_whom_nobody_is if {
	asked(json.remove(sample.acting("rollback_workload"), ["facts/target/owner"])) == {{"role": "team:", "count": 2}}
}

refused(document, matrix) if {
	count(owner.deny) == 1 with input as document with data.gate.data.approvals.matrix as matrix
}

test_a_row_that_is_missing_or_asks_nobody_refuses if {
	every matrix in [{}, {"moderate": {}}, {"moderate": {"production": {"critical": {}}}}, {"moderate": {"production": {"critical": {"owner": 0}}}}, {"moderate": {"production": {"critical": {"owner": "2"}}}}] {
		refused(sample.acting("rollback_workload"), matrix)
	}
	not refused(sample.acting("rollback_workload"), {"moderate": {"production": {"critical": {"owner": 1}}}})
}

test_a_row_for_a_safe_action_is_heeded_where_there_is_one if {
	found := owner.approval with input as sample.allowed
		with data.gate.data.approvals.matrix as {"safe": {"production": {"critical": {"owner": 1}}}}
	found == one
}

test_a_safe_action_needs_no_row if not refused(sample.allowed, {})

test_the_data_is_declared_as_needed if count(owner.needs) == 8 with input as sample.allowed
