# METADATA
# title: people beyond the owning team have to want it
# description: >-
#   What the matrix asks for besides the owner: as shipped, the platform team for anything advanced. Where the owner is
#   that very team, both counts add up, so that two people stay two people.
# custom:
#   remedy: Ask the named team to review the pull request
#   severity: error
#   exceptable: false
# schemas:
#   - input: schema.input
package gate.rules.approval.platform

import rego.v2

import data.gate.lib.matrix
import data.gate.lib.rule

about := rule.about(rego.metadata.chain())

approval contains {"role": role, "count": people + owners(role)} if {
	some role, people in matrix.row
	role != "owner"
}

owners(role) := matrix.row.owner if role == matrix.owner_role

else := 0
