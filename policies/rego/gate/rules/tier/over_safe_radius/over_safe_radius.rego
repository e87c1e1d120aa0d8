# METADATA
# title: more would feel the action than a safe one may touch
# description: A safe kind of action is safe because few feel it if it goes wrong.
# custom:
#   remedy: Propose it for fewer pods, or ask the owning team to approve
#   severity: warning
#   exceptable: false
# schemas:
#   - input: schema.input
package gate.rules.tier.over_safe_radius

import rego.v2

import data.gate.lib.rule
import data.gate.lib.tier as tiers

about := rule.about(rego.metadata.chain())

needs contains {"path": ["tiers", "safe_radius", "pods"], "type": "number"}

needs contains {"path": ["tiers", "safe_radius", "percent"], "type": "number"}

tier contains {"tier": 2, "because": $"{blast.pods} pods ({blast.pods_percent} %) are more than a safe action touches"} if {
	tiers.base(input.action.kind) == 1
	blast := object.get(input, ["facts", "blast"], {})
	not within(blast, data.gate.data.tiers.safe_radius)
}

within(blast, radius) if {
	blast.pods <= radius.pods
	blast.pods_percent <= radius.percent
}
