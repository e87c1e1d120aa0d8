# METADATA
# title: the plan changes access, network or data
# description: >-
#   Some resources reach further than they look: a role, a security group, a database. Which types those are is
#   policy data; each names the tier it is changed at.
# custom:
#   remedy: Plan it apart from the rest, so that the rest needs fewer people
#   severity: warning
#   exceptable: false
# schemas:
#   - input: schema.input
package gate.rules.terraform.sensitive

import rego.v2

import data.gate.lib.infrastructure
import data.gate.lib.rule

about := rule.about(rego.metadata.chain())

needs contains {"path": ["terraform", "classes"], "type": "object", "minimum": 1}

tier contains {"tier": level, "because": $"{name}: {change.action} {change.resource}"} if {
	some change in infrastructure.changes
	some name in infrastructure.classes(change.type)
	level := object.get(data.gate.data.terraform.classes[name], "tier", 3)
}
