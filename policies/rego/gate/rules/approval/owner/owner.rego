# METADATA
# title: the team that owns the target has to want it
# description: >-
#   A moderate or advanced action always needs people. How many of the owning team is in the approval matrix; a row that
#   is missing or asks nobody is a refusal, never a permission.
# custom:
#   remedy: Give the approval matrix a row for this risk, environment and criticality
#   severity: critical
#   exceptable: false
# schemas:
#   - input: schema.input
package gate.rules.approval.owner

import rego.v2

import data.gate.lib.matrix
import data.gate.lib.rule
import data.gate.lib.tier as tiers

about := rule.about(rego.metadata.chain())

needs contains {"path": ["approvals", "matrix"], "type": "object", "minimum": 1}

needs contains {"path": ["approvals", "lifetime_seconds"], "type": "number"}

needs contains {"path": ["approvals", "decision_seconds", risk], "type": "number"} if some risk in tiers.risks

needs contains {"path": ["people"], "type": "object"}

needs contains {"path": ["forge_teams"], "type": "object"}

approval contains {"role": matrix.owner_role, "count": matrix.row.owner}

deny contains $"the approval matrix asks nobody for a {tiers.risk} action in {place}" if {
	tiers.value >= 2
	not matrix.asks_somebody
	place := $"{matrix.environment} ({matrix.criticality})"
}
