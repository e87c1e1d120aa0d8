# METADATA
# title: the runbook says not to touch it
# description: Whoever wrote the runbook knew of something that must be left alone during such an incident.
# custom:
#   remedy: Propose one of the runbook's actions on another target, or escalate
#   severity: critical
#   exceptable: true
# schemas:
#   - input: schema.input
package gate.rules.target.do_not_touch

import rego.v2

import data.gate.lib.rule
import data.gate.lib.tier as tiers

about := rule.about(rego.metadata.chain())

deny contains $"runbook {input.runbook.id} says not to touch {input.action.target.kind} {input.action.target.name}" if {
	not tiers.value == 0
	is_object(input.runbook)
	not input.runbook.do_not_touch == false
}
