# METADATA
# title: a senior engineer has to look at an incident of no known class
# description: Nobody has a procedure for it, so experience has to stand in for one.
# custom:
#   remedy: Ask a senior engineer to review the pull request
#   severity: error
#   exceptable: false
# schemas:
#   - input: schema.input
package gate.rules.approval.senior

import rego.v2

import data.gate.lib.rule
import data.gate.lib.tier as tiers

about := rule.about(rego.metadata.chain())

needs contains {"path": ["approvals", "further", "senior", "role"], "type": "string"}

approval contains {"role": data.gate.data.approvals.further.senior.role, "count": 1} if {
	is_object(input.incident)
	not input.incident.novel == false
	tiers.value > 0
}
