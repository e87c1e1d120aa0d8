# METADATA
# title: too much depends on the target
# description: Who calls the target feels it too, though none of their pods restart.
# custom:
#   remedy: Ask the owners of what depends on it, or propose something that its callers don't feel
#   severity: error
#   exceptable: true
# schemas:
#   - input: schema.input
package gate.rules.blast_radius.dependents

import rego.v2

import data.gate.lib.radius
import data.gate.lib.rule

about := rule.about(rego.metadata.chain())

needs contains need if some need in radius.needs("dependents", 1)

needs contains need if some need in radius.needs("critical_dependents", 0)

deny contains $"{depending} workloads depend on it, the most is {radius.limit("dependents")}" if {
	radius.exceeded("dependents")
	depending := object.get(input, ["facts", "blast", "dependents"], "an unknown number of")
}

deny contains $"{depending} critical workloads depend on it, the most is {radius.limit("critical_dependents")}" if {
	radius.exceeded("critical_dependents")
	depending := object.get(input, ["facts", "blast", "critical_dependents"], "an unknown number of")
}
