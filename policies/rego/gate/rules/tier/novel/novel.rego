# METADATA
# title: the incident fits no known class
# description: No runbook was ever tried on it, so no action on it is known to be safe. Escalating stays possible.
# custom:
#   remedy: Escalate to a senior engineer, who can say what to do
#   severity: warning
#   exceptable: false
# schemas:
#   - input: schema.input
package gate.rules.tier.novel

import rego.v2

import data.gate.lib.rule
import data.gate.lib.tier as tiers

about := rule.about(rego.metadata.chain())

tier contains {"tier": 3, "because": "the incident fits no known class"} if {
	is_object(input.incident)
	not input.incident.novel == false
	tiers.base(input.action.kind) > 0
}
