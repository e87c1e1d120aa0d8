package gate.rules.change.dry_run_test

import rego.v2

import data.gate.lib.sample_test as sample
import data.gate.rules.change.dry_run

refusals(state) := found if {
	found := count(dry_run.deny) with input as sample.changed({"change": {"dry_run": state}})
}

test_what_the_cluster_takes_passes if refusals("passed") == 0

test_what_the_cluster_refuses_is_refused if refusals("refused") == 1

test_where_nobody_is_asked_it_is_silent if {
	refusals("off") == 0
	refusals("not_needed") == 0
}

test_not_having_been_able_to_ask_is_another_rules if refusals("untried") == 0

test_not_knowing_is_refused if {
	refusals("perhaps") == 1
	count(dry_run.deny) == 1 with input as sample.without(["change", "dry_run"])
	count(dry_run.deny) == 1 with input as sample.without(["change"])
}
