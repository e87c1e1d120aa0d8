# METADATA
# title: the runbook of the incident doesn't list this action
# description: >-
#   Automation does what a vetted procedure lists and nothing else. An incident that fits no class has none, and goes to
#   people by its tier.
# custom:
#   remedy: Propose one of the actions that the runbook lists, or escalate
#   severity: error
#   exceptable: false
# schemas:
#   - input: schema.input
package gate.rules.evidence.runbook_lists_action

import rego.v2

import data.gate.lib.rule
import data.gate.lib.tier as tiers

about := rule.about(rego.metadata.chain())

needs contains {"path": ["evidence", "trusted_to_know"], "type": "array"}

deny contains $"no runbook lists {input.action.kind} for incidents of class {input.incident.incident_class}" if {
	not tiers.value == 0
	not input.proposer.kind in data.gate.data.evidence.trusted_to_know
	is_object(input.incident)
	not unclassed
	not input.runbook.lists_action == true
}

unclassed if {
	input.incident.novel == true
	is_null(input.runbook)
}
