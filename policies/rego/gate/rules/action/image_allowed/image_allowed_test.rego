package gate.rules.action.image_allowed_test

import rego.v2

import data.gate.lib.sample_test as sample
import data.gate.rules.action.image_allowed

refusals(document) := found if {
	found := count(image_allowed.deny) with input as document
}

running(fields) := sample.changed({"facts": {"image": object.union({"changes": true}, fields)}})

test_an_allowed_registry_passes if refusals(running({"registry": "registry.example.com"})) == 0

test_another_registry_is_refused if {
	messages := image_allowed.deny with input as running({"registry": "docker.io"})
	messages == {"registry docker.io is not on the list"}
	refusals(running({"registry": "registry.example.com.evil.example"})) == 1
	refusals(running({"registry": "several"})) == 1
	refusals(running({"registry": ""})) == 1
}

test_having_run_before_does_not_allow_a_registry if {
	refusals(running({"registry": "docker.io", "known_before": true})) == 1
}

test_no_new_image_has_no_registry if refusals(sample.allowed) == 0

test_not_knowing_is_refused if {
	refusals(sample.without(["facts", "image", "changes"])) == 1
	refusals(sample.without(["facts", "image"])) == 1
	found := count(image_allowed.deny) with input as running({"registry": "registry.example.com"})
		with data.gate.data.images as {}
	found == 1
}

test_the_list_is_declared_as_needed if count(image_allowed.needs) == 1
