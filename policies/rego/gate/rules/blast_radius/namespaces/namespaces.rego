# METADATA
# title: it reaches into too many namespaces
# description: Each namespace has other owners, who weren't asked.
# custom:
#   remedy: Propose it for a smaller part, or split it into steps
#   severity: error
#   exceptable: true
# schemas:
#   - input: schema.input
package gate.rules.blast_radius.namespaces

import rego.v2

import data.gate.lib.matrix
import data.gate.lib.radius
import data.gate.lib.rule

about := rule.about(rego.metadata.chain())

needs contains need if some need in radius.needs("namespaces", 1)

deny contains $"{felt} namespaces would feel it, in {matrix.environment} the most is {radius.limit("namespaces")}" if {
	radius.exceeded("namespaces")
	felt := object.get(input, ["facts", "blast", "namespaces"], "an unknown number of")
}
