# METADATA
# title: the incident is about something else
# description: >-
#   An incident lends its evidence and its runbook to its own objects: its root and members, what owns or manages them,
#   and what they depend on. Cited for any other object, one crash loop would be a reason to restart everything.
# custom:
#   remedy: Name the incident at this object, or propose what answers the one that was named
#   severity: error
#   exceptable: false
# schemas:
#   - input: schema.input
package gate.rules.incident.concerns_target

import rego.v2

import data.gate.lib.rule
import data.gate.lib.tier as tiers

about := rule.about(rego.metadata.chain())

deny contains $"{input.action.target.kind} {input.action.target.name} is no object of the incident that was named" if {
	asked
	input.incident.concerns_target == false
}

deny contains "it isn't known whether the incident that was named concerns the target" if {
	asked
	not is_boolean(object.get(input, ["incident", "concerns_target"], null))
}

asked if {
	is_object(input.incident)
	not tiers.value == 0
}
