# METADATA
# title: the plan would lose data
# description: >-
#   A data store that is destroyed or replaced takes with it what no plan brings back, and one that is forgotten is
#   nobody's any more. No number of approvals restores it.
# custom:
#   remedy: Move the data first, or have an exception with an owner, a ticket and an end
#   severity: critical
#   exceptable: true
# schemas:
#   - input: schema.input
package gate.rules.terraform.loses_data

import rego.v2

import data.gate.lib.infrastructure
import data.gate.lib.rule

about := rule.about(rego.metadata.chain())

needs contains {"path": ["terraform", "classes"], "type": "object", "minimum": 1}

deny contains $"it would {change.action} {change.resource}, which keeps data" if {
	some change in infrastructure.changes
	change.action in infrastructure.ending
	some name in infrastructure.classes(change.type)
	not data.gate.data.terraform.classes[name].keeps == false
}
