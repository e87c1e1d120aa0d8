# METADATA
# title: nobody said which environment it is
# description: >-
#   An unknown environment counts as production, and automation doesn't work where nobody said what is at stake.
# custom:
#   remedy: Label the namespace with its environment (penstock.dev/environment), or let a person propose it
#   severity: error
#   exceptable: true
# schemas:
#   - input: schema.input
package gate.rules.target.environment_known

import rego.v2

import data.gate.lib.proposer
import data.gate.lib.rule
import data.gate.lib.tier as tiers

about := rule.about(rego.metadata.chain())

deny contains $"the environment of {input.action.target.namespace}/{input.action.target.name} is unknown" if {
	proposer.automated
	not tiers.value == 0
	not input.facts.target.environment in {"production", "staging", "development"}
}
