# METADATA
# title: too many pods would feel it
# description: However good an action is, it mustn't reach so far at once that a mistake takes everything down.
# custom:
#   remedy: Propose it for a smaller part, or split it into steps
#   severity: error
#   exceptable: true
# schemas:
#   - input: schema.input
package gate.rules.blast_radius.pods

import rego.v2

import data.gate.lib.matrix
import data.gate.lib.radius
import data.gate.lib.rule

about := rule.about(rego.metadata.chain())

needs contains need if some need in radius.needs("pods", 1)

deny contains $"{felt} pods would feel it, in {matrix.environment} the most is {radius.limit("pods")}" if {
	radius.exceeded("pods")
	felt := object.get(input, ["facts", "blast", "pods"], "an unknown number of")
}
