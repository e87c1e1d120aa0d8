# METADATA
# title: nobody is in command of the incident
# description: Some actions move all users at once, and somebody has to have the whole incident in view while they do.
# custom:
#   remedy: Have a person take command of the incident first
#   severity: error
#   exceptable: false
# schemas:
#   - input: schema.input
package gate.rules.incident.commander_present

import rego.v2

import data.gate.lib.rule

about := rule.about(rego.metadata.chain())

needs contains {"path": ["incidents", "with_commander"], "type": "array", "minimum": 1}

deny contains $"{input.action.kind} needs a commander of the incident" if {
	input.action.kind in data.gate.data.incidents.with_commander
	not input.incident.commander == true
}
