# METADATA
# title: it was tried often enough
# description: What didn't help the last times is unlikely to help the next time, and time passes.
# custom:
#   remedy: Escalate; a person may propose what comes next
#   severity: error
#   exceptable: false
# schemas:
#   - input: schema.input
package gate.rules.evidence.attempts

import rego.v2

import data.gate.lib.proposer
import data.gate.lib.rule
import data.gate.lib.tier as tiers

about := rule.about(rego.metadata.chain())

deny contains $"{tried} attempts of {input.runbook.max_attempts} were made" if {
	proposer.automated
	not tiers.value == 0
	is_object(input.runbook)
	not input.runbook.attempts < input.runbook.max_attempts
	tried := object.get(input, ["runbook", "attempts"], "an unknown number of")
}
