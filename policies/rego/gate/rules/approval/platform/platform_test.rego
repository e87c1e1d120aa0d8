package gate.rules.approval.platform_test

import rego.v2

import data.gate.lib.sample_test as sample
import data.gate.rules.approval.platform

asked(document) := found if {
	found := platform.approval with input as document
}

test_an_advanced_action_wants_the_platform_team if {
	asked(sample.acting("change_rbac")) == {{"role": "team:team-platform", "count": 1}}
}

test_less_than_that_does_not if {
	asked(sample.acting("rollback_workload")) == set()
	asked(sample.allowed) == set()
}

test_where_it_owns_the_target_it_takes_two_of_them if {
	own := object.union(sample.acting("change_rbac"), {"facts": {"target": {"owner": "team-platform"}}})
	asked(own) == {{"role": "team:team-platform", "count": 2}}
}

test_a_row_for_a_safe_action_is_heeded_where_there_is_one if {
	found := platform.approval with input as sample.allowed
		with data.gate.data.approvals.matrix as {"safe": {"production": {"critical": {"role:security": 1}}}}
	found == {{"role": "role:security", "count": 1}}
}

test_every_role_of_the_row_is_asked if {
	found := platform.approval with input as sample.acting("rollback_workload")
		with data.gate.data.approvals.matrix as {"moderate": {"production": {"critical": {"owner": 1, "role:security": 2}}}}
	found == {{"role": "role:security", "count": 2}}
}
