# METADATA
# title: automation is kept from this
# description: Some proposers, classes of incident and kinds of action are for people only, by the organisation's choice.
# custom:
#   remedy: Let a person propose it
#   severity: error
#   exceptable: true
# schemas:
#   - input: schema.input
package gate.rules.autonomy.excluded

import rego.v2

import data.gate.lib.proposer
import data.gate.lib.rule

about := rule.about(rego.metadata.chain())

needs contains {"path": ["autonomy", "excluded", list], "type": "array"} if {
	some list in ["proposers", "incident_classes", "actions"]
}

deny contains $"incidents of class {input.incident.incident_class} are kept from automation" if {
	proposer.automated
	input.incident.incident_class in data.gate.data.autonomy.excluded.incident_classes
}

deny contains $"{input.proposer.id} is excluded from proposing" if {
	proposer.automated
	input.proposer.id in data.gate.data.autonomy.excluded.proposers
}

deny contains $"{input.action.kind} is kept from automation" if {
	proposer.automated
	input.action.kind in data.gate.data.autonomy.excluded.actions
}
