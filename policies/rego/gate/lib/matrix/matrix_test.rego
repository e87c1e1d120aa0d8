package gate.lib.matrix_test

import rego.v2

import data.gate.lib.matrix
import data.gate.lib.sample_test as sample

placed(environment, criticality) := object.union(
	sample.acting("rollback_workload"),
	{"facts": {"target": {"environment": environment, "criticality": criticality}}},
)

test_the_row_is_of_risk_environment_and_criticality if {
	matrix.row == {"owner": 2} with input as placed("production", "critical")
	matrix.row == {"owner": 1} with input as placed("production", "standard")
	matrix.row == {"owner": 1} with input as placed("staging", "critical")
	matrix.row == {"owner": 1} with input as placed("development", "standard")
}

test_the_unknown_counts_as_production_and_critical if {
	matrix.row == {"owner": 2} with input as placed("unknown", "unknown")
	matrix.row == {"owner": 2} with input as placed("moon", "never")
	matrix.environment == "production" with input as {}
	matrix.criticality == "critical" with input as {}
}

test_a_row_asks_somebody_only_in_whole_people if {
	matrix.asks_somebody with matrix.row as {"owner": 1}
	every row in [{}, {"owner": 0}, {"owner": -1}, {"owner": 1.5}, {"owner": "1"}, {"owner": 1, "role:x": null}, []] {
		not matrix.asks_somebody with matrix.row as row
	}
}

test_an_unknown_owner_is_a_team_nobody_is_in if {
	matrix.owner_role == "team:team-payments" with input as sample.allowed
	matrix.owner_role == "team:" with input as sample.without(["facts", "target", "owner"])
	matrix.owner_role == "team:" with input as sample.changed({"facts": {"target": {"owner": 7}}})
}
