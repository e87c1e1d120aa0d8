# METADATA
# title: nobody is named as the target's owner
# description: >-
#   Somebody has to be told, asked and called. With no owner named, approval by the owner can't be had at all.
# custom:
#   remedy: Label the namespace with the team that owns it (penstock.dev/owner)
#   severity: error
#   exceptable: false
# schemas:
#   - input: schema.input
package gate.rules.target.owner_known

import rego.v2

import data.gate.lib.matrix
import data.gate.lib.rule
import data.gate.lib.tier as tiers

about := rule.about(rego.metadata.chain())

deny contains $"{input.action.target.namespace}/{input.action.target.name} has no owner" if {
	not tiers.value == 0
	matrix.owner == ""
}
