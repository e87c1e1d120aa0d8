package gate.rules.calendar.deploy_in_progress_test

import rego.v2

import data.gate.lib.sample_test as sample
import data.gate.rules.calendar.deploy_in_progress

refusals(document) := found if {
	found := count(deploy_in_progress.deny) with input as document
}

deploying := sample.changed({"facts": {"recent": {"deploy_in_progress": true}}})

test_no_deploy_passes if refusals(sample.allowed) == 0

test_during_a_deploy_automation_waits if {
	messages := deploy_in_progress.deny with input as deploying
	messages == {"a deploy of payments-api is in progress"}
}

test_rolling_back_does_not_wait if {
	refusals(object.union(deploying, {"action": {"kind": "rollback_workload"}})) == 0
	refusals(object.union(deploying, {"action": {"kind": "escalate"}})) == 0
}

test_people_may_act if refusals(object.union(deploying, {"proposer": {"kind": "person"}})) == 0

test_not_knowing_is_refused if {
	refusals(sample.without(["facts", "recent", "deploy_in_progress"])) == 1
	refusals(sample.without(["facts"])) == 1
	found := count(deploy_in_progress.deny) with input as deploying with data.gate.data.calendar as {}
	found == 1
}

test_the_list_is_declared_as_needed if count(deploy_in_progress.needs) == 1
