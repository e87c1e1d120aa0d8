# METADATA
# title: the namespace hasn't opted in to this going alone
# description: >-
#   A safe action merges alone only where its namespace says so: enabled, for this risk, and not held for approval. What
#   is more than safe needs people whatever the namespace says.
# custom:
#   remedy: Ask the owning team to approve, or to opt its namespace in
#   severity: error
#   exceptable: false
# schemas:
#   - input: schema.input
package gate.rules.autonomy.opt_in

import rego.v2

import data.gate.lib.matrix
import data.gate.lib.rule
import data.gate.lib.tier as tiers

about := rule.about(rego.metadata.chain())

needs contains {"path": ["autonomy", "opt_in"], "type": "object"}

approval contains {"role": matrix.owner_role, "count": 1} if {
	tiers.value > 0
	not opted_in
}

opted_in if {
	tiers.value == 1
	choice := data.gate.data.autonomy.opt_in[input.action.target.cluster][input.action.target.namespace]
	choice.enabled == true
	tiers.risk in choice.allowed_risk_levels
	is_array(choice.requires_approval)
	not tiers.risk in choice.requires_approval
	input.action.kind in object.get(choice, "actions", [input.action.kind])
}
