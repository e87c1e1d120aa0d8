# METADATA
# title: each kind of action starts from a tier
# description: The tier a kind starts from is data; a kind it doesn't list is treated as an advanced one.
# custom:
#   remedy: List the kind in the policy data tiers, or propose another action
#   severity: warning
#   exceptable: false
# schemas:
#   - input: schema.input
package gate.rules.tier.base

import rego.v2

import data.gate.lib.rule
import data.gate.lib.tier as tiers

about := rule.about(rego.metadata.chain())

needs contains {"path": ["tiers", "kinds"], "type": "object", "minimum": 1}

needs contains {"path": ["tiers", "obligations", risk], "type": "array"} if some risk in tiers.risks

tier contains {"tier": level, "because": $"{kind} starts from tier {level}"} if {
	kind := object.get(input, ["action", "kind"], "an unnamed action")
	level := tiers.base(kind)
}

obligation contains name if some name in data.gate.data.tiers.obligations[tiers.risk]
