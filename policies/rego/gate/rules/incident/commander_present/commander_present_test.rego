package gate.rules.incident.commander_present_test

import rego.v2

import data.gate.lib.sample_test as sample
import data.gate.rules.incident.commander_present

refusals(document) := found if {
	found := count(commander_present.deny) with input as document
}

failing_over(fields) := sample.changed(object.union({"action": {"kind": "fail_over"}}, fields))

test_under_command_it_passes if refusals(failing_over({"incident": {"commander": true}})) == 0

test_without_command_it_is_refused if {
	messages := commander_present.deny with input as failing_over({})
	messages == {"fail_over needs a commander of the incident"}
}

test_without_an_incident_nobody_commands if refusals(failing_over({"incident": null})) == 1

test_other_actions_need_none if refusals(sample.allowed) == 0

test_not_knowing_is_refused if refusals(json.remove(failing_over({}), ["incident/commander"])) == 1

test_the_list_is_declared_as_needed if count(commander_present.needs) == 1
