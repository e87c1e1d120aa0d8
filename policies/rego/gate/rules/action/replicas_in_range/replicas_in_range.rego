# METADATA
# title: it would set a replica count out of range
# description: >-
#   A count that is far too high starves others, none at all is an outage, and a large step leaves no time to notice.
# custom:
#   remedy: Propose a count within the limits, or several smaller steps
#   severity: error
#   exceptable: true
# schemas:
#   - input: schema.input
package gate.rules.action.replicas_in_range

import rego.v2

import data.gate.lib.rule

about := rule.about(rego.metadata.chain())

needs contains {"path": ["actions", "scaling", "kinds"], "type": "array", "minimum": 1}

needs contains {"path": ["actions", "scaling", figure], "type": "number"} if {
	some figure in ["minimum", "maximum", "growth"]
}

deny contains $"scaling from {scale.before} to {scale.after} is outside what the limits permit" if {
	scale := object.get(input, ["facts", "scale"], {})
	not leaves_count(scale)
	not in_range(scale, data.gate.data.actions.scaling)
}

leaves_count(scale) if {
	scale.after == null
	every kind in data.gate.data.actions.scaling.kinds {
		kind != input.action.kind
	}
}

in_range(scale, limits) if {
	is_number(scale.before)
	scale.after >= limits.minimum
	scale.after <= limits.maximum
	scale.after <= max([scale.before, 1]) * limits.growth
}
