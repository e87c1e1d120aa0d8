# METADATA
# title: a preflight check of the runbook doesn't hold
# description: The runbook's author said what must be true before anybody acts. Not known is not true.
# custom:
#   remedy: Make the named check hold, or escalate
#   severity: error
#   exceptable: true
# schemas:
#   - input: schema.input
package gate.rules.evidence.preflight

import rego.v2

import data.gate.lib.rule
import data.gate.lib.tier as tiers

about := rule.about(rego.metadata.chain())

deny contains $"preflight check {check.id} doesn't hold or isn't known" if {
	not tiers.value == 0
	some check in input.runbook.preflight
	not check.holds == true
}

deny contains "the runbook's preflight checks can't be read" if {
	not tiers.value == 0
	is_object(input.runbook)
	not is_array(input.runbook.preflight)
}
