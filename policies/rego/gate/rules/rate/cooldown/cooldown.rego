# METADATA
# title: the same was done to the target a moment ago
# description: Whether an action helped shows after a while; doing it again before that hides the answer.
# custom:
#   remedy: Wait for the first one to show its effect
#   severity: error
#   exceptable: true
# schemas:
#   - input: schema.input
package gate.rules.rate.cooldown

import rego.v2

import data.gate.lib.proposer
import data.gate.lib.rule
import data.gate.lib.tier as tiers

about := rule.about(rego.metadata.chain())

needs contains {"path": ["rates", "cooldown_seconds"], "type": "number"}

deny contains $"the same action was merged {ago} s ago, the wait is {data.gate.data.rates.cooldown_seconds} s" if {
	proposer.automated
	not tiers.value == 0
	not input.stage in {"merge", "admission"}
	not long_ago
	ago := object.get(input, ["facts", "open", "same_action_age_seconds"], "an unknown number of")
}

long_ago if input.facts.open.same_action_age_seconds == null

long_ago if input.facts.open.same_action_age_seconds >= data.gate.data.rates.cooldown_seconds
