package gate.rules.blast_radius.dependents_test

import rego.v2

import data.gate.lib.sample_test as sample
import data.gate.rules.blast_radius.dependents

refusals(document) := found if {
	found := count(dependents.deny) with input as document
}

depending(fields) := sample.changed({"facts": {"blast": fields}})

test_up_to_the_limits_it_passes if {
	refusals(depending({"dependents": 20})) == 0
	refusals(depending({"critical_dependents": 3})) == 0
}

test_over_a_limit_it_is_refused if {
	refusals(depending({"dependents": 21})) == 1
	refusals(depending({"critical_dependents": 4})) == 1
	refusals(depending({"dependents": 21, "critical_dependents": 4})) == 2
}

test_not_knowing_is_refused if {
	refusals(sample.without(["facts", "blast", "dependents"])) == 1
	refusals(sample.without(["facts", "blast", "critical_dependents"])) == 1
	refusals(sample.without(["facts"])) == 2
	found := count(dependents.deny) with input as sample.allowed with data.gate.data.blast as {}
	found == 2
}

test_the_limits_are_declared_as_needed if count(dependents.needs) == 6
