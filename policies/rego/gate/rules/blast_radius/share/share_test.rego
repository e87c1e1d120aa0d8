package gate.rules.blast_radius.share_test

import rego.v2

import data.gate.lib.sample_test as sample
import data.gate.rules.blast_radius.share

refusals(document) := found if {
	found := count(share.deny) with input as document
}

touching(workloads, percent) := sample.changed({"facts": {"blast": {"workloads": workloads, "pods_percent": percent}}})

test_up_to_the_limit_it_passes if refusals(touching(2, 60)) == 0

test_over_the_limit_it_is_refused if {
	messages := share.deny with input as touching(2, 61)
	messages == {"61 % of the pods would feel it, the most is 60 %"}
}

test_one_workload_may_be_all_there_is if refusals(touching(1, 100)) == 0

test_what_changes_nothing_passes if refusals(object.union(touching(2, 61), {"action": {"kind": "escalate"}})) == 0

test_not_knowing_is_refused if {
	refusals(json.remove(touching(2, 10), ["facts/blast/pods_percent"])) == 1
	refusals(json.remove(touching(1, 61), ["facts/blast/workloads"])) == 1
	refusals(sample.without(["facts"])) == 1
	found := count(share.deny) with input as sample.allowed with data.gate.data.blast as {}
	found == 1
}

test_the_limits_are_declared_as_needed if count(share.needs) == 4
