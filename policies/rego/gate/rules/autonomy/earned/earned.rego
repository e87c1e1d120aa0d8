# METADATA
# title: more autonomy isn't earned yet
# description: >-
#   A phase is given for what is on record: how many decisions people judged since automation was last wrong here, and
#   how many they agreed with at least, by the lower end of the interval. A small sample shows little, however good.
# custom:
#   remedy: Let people judge more decisions first; penstock autonomy report shows the figures
#   severity: error
#   exceptable: false
# schemas:
#   - input: schema.input
package gate.rules.autonomy.earned

import rego.v2

import data.gate.lib.rule

about := rule.about(rego.metadata.chain())

needs contains {"path": ["autonomy", "promotion", "to"], "type": "object", "minimum": 1}

needs contains {"path": ["autonomy", "promotion", "window_days"], "type": "number", "minimum": 1}

deny contains $"people judged {seen("judged")} decisions here, and not as many as the phase takes" if {
	input.action.kind == "promote_autonomy"
	not sampled
}

deny contains $"people agreed with at least {seen("agreement_percent")} %, and not as many as the phase takes" if {
	input.action.kind == "promote_autonomy"
	not agreed
}

sampled if {
	is_number(wanted.sample)
	input.facts.autonomy.judged >= wanted.sample
}

agreed if {
	is_number(wanted.agreement_percent)
	input.facts.autonomy.agreement_percent >= wanted.agreement_percent
}

wanted := data.gate.data.autonomy.promotion.to[input.action.params.phase]

seen(figure) := object.get(input, ["facts", "autonomy", figure], "unknown")
