# METADATA
# title: a stop condition of the runbook is met
# description: The runbook's author said when automation has to stop and people take over. Not known counts as met.
# custom:
#   remedy: Escalate; a person may propose what comes next
#   severity: error
#   exceptable: false
# schemas:
#   - input: schema.input
package gate.rules.evidence.stop_condition

import rego.v2

import data.gate.lib.proposer
import data.gate.lib.rule
import data.gate.lib.tier as tiers

about := rule.about(rego.metadata.chain())

deny contains $"stop condition {check.id} is met or isn't known" if {
	asked
	some check in input.runbook.stop_conditions
	not check.holds == false
}

deny contains "the runbook's stop conditions can't be read" if {
	asked
	is_object(input.runbook)
	not is_array(input.runbook.stop_conditions)
}

asked if {
	proposer.automated
	not tiers.value == 0
}
