# METADATA
# title: the incident is over
# description: A fix for what is already well is a change nobody asked for.
# custom:
#   remedy: Check whether it is still needed; a new signal opens the incident again
#   severity: error
#   exceptable: false
# schemas:
#   - input: schema.input
package gate.rules.incident.open

import rego.v2

import data.gate.lib.proposer
import data.gate.lib.rule
import data.gate.lib.tier as tiers

about := rule.about(rego.metadata.chain())

needs contains {"path": ["incidents", "live_statuses"], "type": "array", "minimum": 1}

deny contains $"the incident is {input.incident.status}" if {
	proposer.automated
	not tiers.value == 0
	is_object(input.incident)
	not input.incident.status in data.gate.data.incidents.live_statuses
}
