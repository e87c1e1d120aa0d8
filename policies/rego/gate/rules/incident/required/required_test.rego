package gate.rules.incident.required_test

import rego.v2

import data.gate.lib.sample_test as sample
import data.gate.rules.incident.required

refusals(document) := found if {
	found := count(required.deny) with input as document
}

unprompted(proposer, kind) := sample.changed({
	"incident": null,
	"proposer": {"kind": proposer},
	"action": {"kind": kind},
})

test_with_an_incident_it_passes if refusals(sample.allowed) == 0

test_agents_and_analysts_need_one if {
	refusals(unprompted("agent", "restart_workload")) == 1
	refusals(unprompted("analyst", "rollback_workload")) == 1
}

test_escalating_needs_none if refusals(unprompted("agent", "escalate")) == 0

test_people_drift_and_pipeline_need_none if {
	every proposer in ["person", "drift", "pipeline"] {
		refusals(unprompted(proposer, "revert_drift")) == 0
	}
}

test_not_knowing_is_refused if {
	refusals(sample.without(["incident"])) == 1
	refusals(json.remove(unprompted("person", "restart_workload"), ["proposer"])) == 1
	refusals(unprompted("robot", "restart_workload")) == 1
	found := count(required.deny) with input as unprompted("person", "escalate") with data.gate.data.incidents as {}
	found == 1
}

test_the_lists_are_declared_as_needed if count(required.needs) == 2
