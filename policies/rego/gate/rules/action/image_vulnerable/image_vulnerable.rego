# METADATA
# title: the image is vulnerable, or wasn't scanned
# description: >-
#   Automation must not bring in a hole while it closes another. An image that already ran here is judged by the
#   rollback that wants it, not again by its age.
# custom:
#   remedy: Propose an image that was scanned and has fewer critical vulnerabilities, or one that ran here before
#   severity: error
#   exceptable: true
# schemas:
#   - input: schema.input
package gate.rules.action.image_vulnerable

import rego.v2

import data.gate.lib.rule

about := rule.about(rego.metadata.chain())

needs contains {"path": ["images", "maximum_critical_vulnerabilities"], "type": "number", "minimum": 0}

deny contains said if {
	not input.facts.image.changes == false
	not input.facts.image.known_before == true
	not few(input.facts.image.critical_vulnerabilities)
}

few(number) if {
	is_number(number)
	number <= data.gate.data.images.maximum_critical_vulnerabilities
}

default said := "nobody scanned the image"

said := $"the image has {input.facts.image.critical_vulnerabilities} critical vulnerabilities" if {
	is_number(input.facts.image.critical_vulnerabilities)
}
