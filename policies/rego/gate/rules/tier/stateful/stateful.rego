# METADATA
# title: the target holds state
# description: What is safe on a replaceable pod can lose a quorum or a write on one that holds data.
# custom:
#   remedy: Ask the owning team to approve it
#   severity: warning
#   exceptable: false
# schemas:
#   - input: schema.input
package gate.rules.tier.stateful

import rego.v2

import data.gate.lib.rule
import data.gate.lib.tier as tiers

about := rule.about(rego.metadata.chain())

tier contains {"tier": 2, "because": "the target holds state"} if {
	tiers.base(input.action.kind) == 1
	not input.facts.target.stateful == false
}
