package gate.rules.change.dry_run_tried_test

import rego.v2

import data.gate.lib.sample_test as sample
import data.gate.rules.change.dry_run_tried

refusals(state) := found if {
	found := count(dry_run_tried.deny) with input as sample.changed({"change": {"dry_run": state}})
}

test_what_was_tried_passes if {
	refusals("passed") == 0
	refusals("refused") == 0
}

test_where_nobody_is_asked_it_is_silent if {
	refusals("off") == 0
	refusals("not_needed") == 0
}

test_what_could_not_be_tried_is_refused if refusals("untried") == 1

test_data_may_tolerate_it_in_one_word if {
	refusals("untried") == 0 with data.gate.data.changes.untried_dry_run as "tolerated"
	refusals("untried") == 1 with data.gate.data.changes.untried_dry_run as "yes"
}

test_not_knowing_is_refused if {
	count(dry_run_tried.deny) == 1 with input as sample.without(["change", "dry_run"])
	count(dry_run_tried.deny) == 1 with input as sample.without(["change"])
}

test_without_data_it_is_refused if {
	refusals("untried") == 1 with data.gate.data.changes as {}
}

test_the_word_is_declared_as_needed if count(dry_run_tried.needs) == 1
