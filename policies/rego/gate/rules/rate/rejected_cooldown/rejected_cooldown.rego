# METADATA
# title: people rejected the same a short while ago
# description: >-
#   A rejection is an answer. Asking again until somebody gives in is not automation's to do. The incident's runbook may
#   say how long to wait; otherwise rates.rejected_cooldown_seconds does.
# custom:
#   remedy: Read why it was rejected; a person may propose it again
#   severity: error
#   exceptable: true
# schemas:
#   - input: schema.input
package gate.rules.rate.rejected_cooldown

import rego.v2

import data.gate.lib.proposer
import data.gate.lib.rule
import data.gate.lib.tier as tiers

about := rule.about(rego.metadata.chain())

needs contains {"path": ["rates", "rejected_cooldown_seconds"], "type": "number"}

deny contains $"people rejected the same action {ago} s ago, it waits {said} s" if {
	proposer.automated
	not tiers.value == 0
	not long_ago
	ago := object.get(input, ["facts", "open", "rejected_age_seconds"], "an unknown number of")
}

long_ago if input.facts.open.rejected_age_seconds == null

long_ago if input.facts.open.rejected_age_seconds >= wait

# The runbook's own, and where it says none or there is no runbook, the data's.
wait := input.runbook.rejected_cooldown_seconds if is_number(input.runbook.rejected_cooldown_seconds)

wait := data.gate.data.rates.rejected_cooldown_seconds if none_of_its_own

none_of_its_own if is_null(input.runbook)

none_of_its_own if is_null(input.runbook.rejected_cooldown_seconds)

said := wait

said := "an unknown number of" if not wait
