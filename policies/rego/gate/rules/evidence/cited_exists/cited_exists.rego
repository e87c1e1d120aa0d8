# METADATA
# title: it cites evidence that doesn't exist
# description: A claim whose evidence is made up is made up, and so may be the rest.
# custom:
#   remedy: Cite only evidence ids that the incident lists
#   severity: error
#   exceptable: false
# schemas:
#   - input: schema.input
package gate.rules.evidence.cited_exists

import rego.v2

import data.gate.lib.rule

about := rule.about(rego.metadata.chain())

deny contains $"{missing} cited pieces of evidence don't exist" if {
	not input.evidence.missing == 0
	missing := object.get(input, ["evidence", "missing"], "an unknown number of")
}
