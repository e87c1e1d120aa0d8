# METADATA
# title: the incident commander has to want it
# description: Moving traffic between sites affects everyone who works on the incident.
# custom:
#   remedy: Ask the incident commander to review the pull request
#   severity: error
#   exceptable: false
# schemas:
#   - input: schema.input
package gate.rules.approval.commander

import rego.v2

import data.gate.lib.rule

about := rule.about(rego.metadata.chain())

needs contains {"path": ["approvals", "further", "commander", "role"], "type": "string"}

needs contains {"path": ["approvals", "further", "commander", "kinds"], "type": "array"}

approval contains {"role": data.gate.data.approvals.further.commander.role, "count": 1} if {
	input.action.kind in data.gate.data.approvals.further.commander.kinds
}
