# METADATA
# title: the image comes from a registry nobody vouched for
# description: Where an image comes from is the least that must be known before it runs.
# custom:
#   remedy: Use an image of an allowed registry, or have the registry added to the policy data images
#   severity: critical
#   exceptable: false
# schemas:
#   - input: schema.input
package gate.rules.action.image_allowed

import rego.v2

import data.gate.lib.rule

about := rule.about(rego.metadata.chain())

needs contains {"path": ["images", "registries"], "type": "array", "minimum": 1}

deny contains $"registry {input.facts.image.registry} is not on the list" if {
	not input.facts.image.changes == false
	not input.facts.image.registry in data.gate.data.images.registries
}
