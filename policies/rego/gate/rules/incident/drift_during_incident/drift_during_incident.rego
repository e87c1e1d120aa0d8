# METADATA
# title: another incident is open on the target
# description: >-
#   What looks like drift during an incident may be somebody's emergency fix. It is neither undone nor made permanent
#   before the incident is over.
# custom:
#   remedy: Wait until the incident on the target is resolved
#   severity: error
#   exceptable: true
# schemas:
#   - input: schema.input
package gate.rules.incident.drift_during_incident

import rego.v2

import data.gate.lib.rule

about := rule.about(rego.metadata.chain())

needs contains {"path": ["incidents", "not_during_another"], "type": "array", "minimum": 1}

deny contains $"{open} incidents are open on the target" if {
	input.action.kind in data.gate.data.incidents.not_during_another
	not input.facts.open.incidents_on_target == 0
	open := object.get(input, ["facts", "open", "incidents_on_target"], "an unknown number of")
}
