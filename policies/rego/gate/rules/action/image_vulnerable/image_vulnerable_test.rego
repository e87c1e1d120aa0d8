package gate.rules.action.image_vulnerable_test

import rego.v2

import data.gate.lib.sample_test as sample
import data.gate.rules.action.image_vulnerable

refusals(document) := found if {
	found := count(image_vulnerable.deny) with input as document
}

running(fields) := sample.changed({"facts": {"image": object.union({"changes": true}, fields)}})

test_up_to_the_maximum_it_passes if refusals(running({"critical_vulnerabilities": 0})) == 0

test_over_the_maximum_it_is_refused if {
	messages := image_vulnerable.deny with input as running({"critical_vulnerabilities": 1})
	messages == {"the image has 1 critical vulnerabilities"}
}

test_an_image_nobody_scanned_is_refused if {
	messages := image_vulnerable.deny with input as running({"critical_vulnerabilities": null})
	messages == {"nobody scanned the image"}
}

test_an_image_that_ran_before_is_taken_back if {
	refusals(running({"known_before": true, "critical_vulnerabilities": null})) == 0
	refusals(running({"known_before": true, "critical_vulnerabilities": 3})) == 0
}

test_no_new_image_is_not_judged if {
	refusals(sample.changed({"facts": {"image": {"critical_vulnerabilities": null}}})) == 0
	refusals(sample.changed({"facts": {"image": {"critical_vulnerabilities": 3}}})) == 0
}

test_not_knowing_is_refused if {
	refusals(sample.without(["facts", "image"])) == 1
	refusals(json.remove(running({}), ["facts/image/critical_vulnerabilities"])) == 1
	refusals(json.remove(running({"critical_vulnerabilities": 2}), ["facts/image/known_before"])) == 1
	found := count(image_vulnerable.deny) with input as running({"critical_vulnerabilities": 0})
		with data.gate.data.images as {}
	found == 1
}

test_the_maximum_is_declared_as_needed if count(image_vulnerable.needs) == 1
