# METADATA
# title: the plan changes a type of resource that nobody looked at
# description: >-
#   A type that is in no class may be anything, a program to run among them. Not knowing counts as advanced.
# custom:
#   remedy: Put the type in a class, or among the ordinary ones, by a reviewed change of policy data
#   severity: warning
#   exceptable: false
# schemas:
#   - input: schema.input
package gate.rules.terraform.unknown_type

import rego.v2

import data.gate.lib.infrastructure
import data.gate.lib.rule

about := rule.about(rego.metadata.chain())

needs contains {"path": ["terraform", "ordinary"], "type": "array"}

tier contains {"tier": 3, "because": $"unknown type: {change.action} {change.resource}"} if {
	some change in infrastructure.changes
	count(infrastructure.classes(change.type)) == 0
	not infrastructure.ordinary(change.type)
}
