# METADATA
# title: this kind of proposer may not propose this kind of action
# description: >-
#   Each kind of proposer has the kinds of action it needs and no others. What would widen somebody's permissions or
#   reach is never automation's to propose, however good its reasons sound.
# custom:
#   remedy: Let a person propose it, or propose an action this proposer may
#   severity: critical
#   exceptable: false
# schemas:
#   - input: schema.input
package gate.rules.action.kind_for_proposer

import rego.v2

import data.gate.lib.rule

about := rule.about(rego.metadata.chain())

needs contains {"path": ["actions", "may_propose"], "type": "object", "minimum": 1}

deny contains $"a proposer of kind {input.proposer.kind} may not propose {input.action.kind}" if {
	not input.proposer.kind == "person"
	not input.action.kind in data.gate.data.actions.may_propose[input.proposer.kind]
}
