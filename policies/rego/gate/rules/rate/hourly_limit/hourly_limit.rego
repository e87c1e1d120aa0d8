# METADATA
# title: as many fixes as may go alone already went alone
# description: >-
#   A fix that is needed again and again doesn't fix. The limit binds every kind of action that could go alone, whatever
#   else raises its tier, so that reaching further is never a way round it; people who approve aren't bound.
# custom:
#   remedy: Wait until the window has room, or have a person look at why it is needed so often
#   severity: error
#   exceptable: true
# schemas:
#   - input: schema.input
package gate.rules.rate.hourly_limit

import rego.v2

import data.gate.lib.approval
import data.gate.lib.rule
import data.gate.lib.tier as tiers

about := rule.about(rego.metadata.chain())

needs contains {"path": ["rates", "automatic_fixes", "limit"], "type": "number"}

needs contains {"path": ["rates", "window_seconds"], "type": "number"}

deny contains $"{used} automatic fixes in the last {window} s in {budget.scope}, the limit is {limits.limit}" if {
	tiers.base(input.action.kind) == 1
	count(approval.valid) == 0
	budget := object.get(input, ["facts", "budgets", "automatic_fixes"], {})
	limits := object.get(data.gate.data, ["rates", "automatic_fixes"], {})
	not has_room(budget, limits)
	used := object.get(budget, "used", "an unknown number of")
	window := object.get(budget, "window_seconds", "unknown")
}

has_room(budget, limits) if {
	budget.window_seconds >= data.gate.data.rates.window_seconds
	budget.used + budget.requested <= limits.limit
}
