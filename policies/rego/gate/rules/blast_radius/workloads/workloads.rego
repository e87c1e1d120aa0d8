# METADATA
# title: too many workloads would feel it
# description: What several workloads feel at once fails in several ways at once.
# custom:
#   remedy: Propose it for a smaller part, or split it into steps
#   severity: error
#   exceptable: true
# schemas:
#   - input: schema.input
package gate.rules.blast_radius.workloads

import rego.v2

import data.gate.lib.matrix
import data.gate.lib.radius
import data.gate.lib.rule

about := rule.about(rego.metadata.chain())

needs contains need if some need in radius.needs("workloads", 1)

deny contains $"{felt} workloads would feel it, in {matrix.environment} the most is {radius.limit("workloads")}" if {
	radius.exceeded("workloads")
	felt := object.get(input, ["facts", "blast", "workloads"], "an unknown number of")
}
