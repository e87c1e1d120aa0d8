# METADATA
# title: it isn't known who would feel the action
# description: A figure that couldn't be derived counts as a large one, so the action is no longer a safe one.
# custom:
#   remedy: Give the gate read access to what it couldn't see, or ask the owning team to approve
#   severity: warning
#   exceptable: false
# schemas:
#   - input: schema.input
package gate.rules.tier.unknown_blast

import rego.v2

import data.gate.lib.rule
import data.gate.lib.tier as tiers

about := rule.about(rego.metadata.chain())

tier contains {"tier": 2, "because": "its blast radius isn't fully known"} if {
	tiers.base(input.action.kind) > 0
	not count(input.facts.blast.unknown) == 0
}
