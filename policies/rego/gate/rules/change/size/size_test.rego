package gate.rules.change.size_test

import rego.v2

import data.gate.lib.sample_test as sample
import data.gate.rules.change.size

refusals(document) := found if {
	found := count(size.deny) with input as document
}

of_size(fields) := sample.changed({"change": fields})

test_up_to_the_limit_it_is_not_refused if refusals(of_size({"files": 5, "lines": 200})) == 0

test_over_it_each_measure_is if {
	refusals(of_size({"files": 6})) == 1
	refusals(of_size({"lines": 201})) == 1
	refusals(of_size({"files": 6, "lines": 201})) == 2
}

test_not_knowing_is_too_large if {
	refusals(sample.without(["change", "files"])) == 1
	refusals(sample.without(["change", "lines"])) == 1
	refusals(sample.without(["change"])) == 2
	found := count(size.deny) with input as sample.allowed with data.gate.data.changes as {}
	found == 2
}

test_the_limits_are_declared_as_needed if count(size.needs) == 2
