# METADATA
# title: another proposal on the target is under way
# description: Two changes at once can't be told apart afterwards, nor taken back one by one.
# custom:
#   remedy: Wait until the other proposal is merged or closed
#   severity: error
#   exceptable: false
# schemas:
#   - input: schema.input
package gate.rules.rate.one_at_a_time

import rego.v2

import data.gate.lib.rule
import data.gate.lib.tier as tiers

about := rule.about(rego.metadata.chain())

deny contains $"{others} other proposals on this target are under way" if {
	not tiers.value == 0
	not input.stage in {"merge", "admission"}
	not input.facts.open.proposals_on_target == 0
	others := object.get(input, ["facts", "open", "proposals_on_target"], "an unknown number of")
}
