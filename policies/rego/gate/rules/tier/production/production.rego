# METADATA
# title: the action is riskier in production
# description: Some actions are safe to try elsewhere and not on users. An unknown environment counts as production.
# custom:
#   remedy: Label the namespace with its environment if it isn't production
#   severity: warning
#   exceptable: false
# schemas:
#   - input: schema.input
package gate.rules.tier.production

import rego.v2

import data.gate.lib.rule

about := rule.about(rego.metadata.chain())

needs contains {"path": ["tiers", "in_production"], "type": "object"}

tier contains {"tier": level, "because": $"in production {input.action.kind} is tier {level}"} if {
	level := data.gate.data.tiers.in_production[input.action.kind]
	not input.facts.target.environment in {"staging", "development"}
}
