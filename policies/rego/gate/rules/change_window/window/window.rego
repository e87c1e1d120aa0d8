# METADATA
# title: it is outside the change windows
# description: >-
#   A change is best made when the people who can judge and repair it are at work. An open emergency doesn't wait, and
#   putting things back doesn't have to.
# custom:
#   remedy: Wait for the next window of the policy data windows, or tie it to the open incident it answers
#   severity: error
#   exceptable: true
# schemas:
#   - input: schema.input
package gate.rules.change_window.window

import rego.v2

import data.gate.lib.instant
import data.gate.lib.matrix
import data.gate.lib.rule
import data.gate.lib.tier as tiers

about := rule.about(rego.metadata.chain())

needs contains {"path": ["windows", "open", "production"], "type": "object", "minimum": 1}

needs contains {"path": ["windows", "from_tier"], "type": "number"}

needs contains {"path": ["windows", topic], "type": "array"} if some topic in ["always", "emergencies"]

deny contains $"no change window of {matrix.environment} is open for a {tiers.risk} action" if {
	not tiers.value < data.gate.data.windows.from_tier
	not matrix.environment in unrestricted
	not input.action.kind in data.gate.data.windows.always
	not emergency
	not open
}

unrestricted := {"staging", "development"} - object.keys(data.gate.data.windows.open)

emergency if {
	input.incident.status in {"open", "mitigating", "verifying"}
	input.incident.severity in data.gate.data.windows.emergencies
}

open if {
	some window in data.gate.data.windows.open[matrix.environment]
	clock := input.time.zones[window.zone]
	covers(window, clock)
}

covers(window, clock) if {
	clock.weekday in window.weekdays
	clock.minute >= minutes(window.from)
	clock.minute < minutes(window.to)
}

covers(window, clock) if {
	clock.weekday in window.weekdays
	minutes(window.from) > minutes(window.to)
	clock.minute >= minutes(window.from)
}

covers(window, clock) if {
	day_before[clock.weekday] in window.weekdays
	minutes(window.from) > minutes(window.to)
	clock.minute < minutes(window.to)
}

day_before := {
	"monday": "sunday",
	"tuesday": "monday",
	"wednesday": "tuesday",
	"thursday": "wednesday",
	"friday": "thursday",
	"saturday": "friday",
	"sunday": "saturday",
}

# YAML reads 16:00 without quotes as a number of minutes, and that is what it means.
minutes(time) := time if is_number(time)

minutes(time) := (60 * instant.pair(time, 0)) + instant.pair(time, 3) if {
	regex.match(`^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$`, time)
}
