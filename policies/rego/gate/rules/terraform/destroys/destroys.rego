# METADATA
# title: the plan takes away what was there
# description: >-
#   What a plan destroys, replaces or forgets doesn't come back by planning again, and what a provider action does is in
#   no plan.
# custom:
#   remedy: Plan it apart from the rest, so that the rest needs fewer people
#   severity: warning
#   exceptable: false
# schemas:
#   - input: schema.input
package gate.rules.terraform.destroys

import rego.v2

import data.gate.lib.infrastructure
import data.gate.lib.rule

about := rule.about(rego.metadata.chain())

tier contains {"tier": 3, "because": $"{change.action} {change.resource}"} if {
	some change in infrastructure.changes
	change.action in infrastructure.ending
}
