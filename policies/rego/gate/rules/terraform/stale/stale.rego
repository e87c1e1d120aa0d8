# METADATA
# title: the plan is older than the state
# description: >-
#   A plan says what would change from one state. Against a later one it may undo what was applied since, and what
#   people approve of it isn't what would happen.
# custom:
#   remedy: Plan again against the current state, and propose that plan
#   severity: error
#   exceptable: false
# schemas:
#   - input: schema.input
package gate.rules.terraform.stale

import rego.v2

import data.gate.lib.rule

about := rule.about(rego.metadata.chain())

deny contains "a plan against a later state, or against another one, was approved since" if {
	input.action.kind == "apply_plan"
	not fresh
}

fresh if {
	is_string(input.change.refusal)
	input.change.refusal != "stale_plan"
}
