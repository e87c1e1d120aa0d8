# METADATA
# title: an administrator has to want it
# description: Changes of access and network boundaries are signed off by those who answer for them.
# custom:
#   remedy: Ask an administrator to review the pull request
#   severity: error
#   exceptable: false
# schemas:
#   - input: schema.input
package gate.rules.approval.admin

import rego.v2

import data.gate.lib.rule

about := rule.about(rego.metadata.chain())

needs contains {"path": ["approvals", "further", "admin", "role"], "type": "string"}

needs contains {"path": ["approvals", "further", "admin", "kinds"], "type": "array"}

approval contains {"role": data.gate.data.approvals.further.admin.role, "count": 1} if {
	input.action.kind in data.gate.data.approvals.further.admin.kinds
}
