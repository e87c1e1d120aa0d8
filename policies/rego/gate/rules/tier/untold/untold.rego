# METADATA
# title: the sender left alerts out
# description: >-
#   A storm that was cut short hides what else is wrong. What would be a safe action on the part that was told isn't
#   known to be one on the whole, so it no longer goes alone.
# custom:
#   remedy: Look at the alerts that were left out, or raise the sender's limit; the owning team can approve meanwhile
#   severity: warning
#   exceptable: false
# schemas:
#   - input: schema.input
package gate.rules.tier.untold

import rego.v2

import data.gate.lib.rule
import data.gate.lib.tier as tiers

about := rule.about(rego.metadata.chain())

tier contains {"tier": 2, "because": "its sender left alerts out of what it told"} if {
	tiers.base(input.action.kind) > 0
	answers_an_incident
	not input.incident.untold == 0
}

answers_an_incident if not input.incident == null
