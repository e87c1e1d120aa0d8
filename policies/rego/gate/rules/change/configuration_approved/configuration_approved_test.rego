package gate.rules.change.configuration_approved_test

import rego.v2

import data.gate.lib.sample_test as sample
import data.gate.rules.change.configuration_approved

messages(facts) := found if {
	found := configuration_approved.deny with input as sample.changed({"facts": {"configuration": facts}})
}

test_what_is_approved_passes if messages({}) == set()

test_one_that_is_pending_is_refused_by_name if {
	messages({"pending": ["ConfigMap/settings"]}) == {"ConfigMap/settings isn't approved yet"}
}

test_each_that_is_pending_is_named if count(messages({"pending": ["ConfigMap/settings", "Secret/token"]})) == 2

test_without_a_status_is_tolerated_in_one_word if {
	unmarked := {"unmarked": ["Secret/token"]}
	messages(unmarked) == set() with data.gate.data.changes.unmarked_configuration as "tolerated"
	said := {"Secret/token carries no approval status"}
	messages(unmarked) == said with data.gate.data.changes.unmarked_configuration as "refused"
	messages(unmarked) == said with data.gate.data.changes.unmarked_configuration as "yes"
}

test_without_data_it_is_refused if {
	count(messages({"unmarked": ["Secret/token"]})) == 1 with data.gate.data.changes as {}
}

test_not_knowing_is_refused if {
	count(messages({"known": false})) == 1
	count(configuration_approved.deny) == 1 with input as sample.without(["facts", "configuration", "known"])
	count(configuration_approved.deny) == 1 with input as sample.without(["facts", "configuration"])
	count(configuration_approved.deny) == 1 with input as sample.without(["facts"])
}

test_the_word_is_declared_as_needed if count(configuration_approved.needs) == 1
