# METADATA
# title: the input document is of a version this policy doesn't know
# description: Fields may mean something else in another version, so a document of one is not read at all.
# custom:
#   remedy: Run the gate and the policy bundle from the same release
#   severity: critical
#   exceptable: false
# schemas:
#   - input: schema.input
package gate.rules.contract.schema_version

import rego.v2

import data.gate.lib.rule

about := rule.about(rego.metadata.chain())

needs contains {"path": ["contract", "schema_versions"], "type": "array", "minimum": 1}

deny contains $"schema version {input.schema_version} is not among those this policy knows" if {
	not input.schema_version in data.gate.data.contract.schema_versions
}
