# METADATA
# title: it answers no incident
# description: >-
#   Automation acts because something is wrong. Without an incident there is nothing to be right about, and nothing to
#   verify afterwards.
# custom:
#   remedy: Name the incident it answers
#   severity: error
#   exceptable: false
# schemas:
#   - input: schema.input
package gate.rules.incident.required

import rego.v2

import data.gate.lib.rule

about := rule.about(rego.metadata.chain())

needs contains {"path": ["incidents", "without_incident", "proposers"], "type": "array"}

needs contains {"path": ["incidents", "without_incident", "actions"], "type": "array"}

deny contains $"{input.action.kind} by {input.proposer.id} names no incident that the gate knows" if {
	not is_object(input.incident)
	not input.proposer.kind in data.gate.data.incidents.without_incident.proposers
	not input.action.kind in data.gate.data.incidents.without_incident.actions
}
