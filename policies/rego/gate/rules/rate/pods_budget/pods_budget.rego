# METADATA
# title: too many pods were disturbed lately
# description: Small actions add up. What all of them disturb within the window is bounded too, approved or not.
# custom:
#   remedy: Wait until the window has room, or propose it for fewer pods
#   severity: error
#   exceptable: true
# schemas:
#   - input: schema.input
package gate.rules.rate.pods_budget

import rego.v2

import data.gate.lib.rule
import data.gate.lib.tier as tiers

about := rule.about(rego.metadata.chain())

needs contains {"path": ["rates", "pods", "limit"], "type": "number"}

needs contains {"path": ["rates", "window_seconds"], "type": "number"}

deny contains $"{used} pods disturbed in {budget.scope} lately and {requested} more, the limit is {limits.limit}" if {
	not tiers.value == 0
	budget := object.get(input, ["facts", "budgets", "pods"], {})
	limits := object.get(data.gate.data, ["rates", "pods"], {})
	not has_room(budget, limits)
	used := object.get(budget, "used", "an unknown number of")
	requested := object.get(budget, "requested", "an unknown number of")
}

has_room(budget, limits) if {
	budget.window_seconds >= data.gate.data.rates.window_seconds
	budget.used + budget.requested <= limits.limit
}
