# METADATA
# title: the target reads configuration that isn't approved
# description: >-
#   A ConfigMap, Secret or SecretProviderClass that the changed object's pods read carries its approval as an annotation.
#   What the protected branch says of it counts, so nobody approves in the change that needs it. Data says whether an
#   item without a status is tolerated.
# custom:
#   remedy: Have the item approved by a pull request that sets penstock.dev/approval to approved, and propose again
#   severity: error
#   exceptable: true
# schemas:
#   - input: schema.input
package gate.rules.change.configuration_approved

import rego.v2

import data.gate.lib.rule

about := rule.about(rego.metadata.chain())

needs contains {"path": ["changes", "unmarked_configuration"], "type": "string"}

deny contains $"{item} isn't approved yet" if {
	some item in input.facts.configuration.pending
}

deny contains $"{item} carries no approval status" if {
	some item in input.facts.configuration.unmarked
	not data.gate.data.changes.unmarked_configuration == "tolerated"
}

deny contains "it isn't known what the target reads, or whether that was approved" if {
	not input.facts.configuration.known == true
}
