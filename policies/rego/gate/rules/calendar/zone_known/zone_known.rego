# METADATA
# title: a time zone's clock is missing
# description: A window in a zone whose clock the gate wasn't given would be closed for ever, or open by mistake.
# custom:
#   remedy: Name the zone in the policy data calendar, as an IANA name
#   severity: critical
#   exceptable: false
# schemas:
#   - input: schema.input
package gate.rules.calendar.zone_known

import rego.v2

import data.gate.lib.rule

about := rule.about(rego.metadata.chain())

needs contains {"path": ["calendar", "zones"], "type": "array", "minimum": 1}

deny contains $"the clock of {zone} is missing" if {
	some zone in named
	not is_number(input.time.zones[zone].minute)
}

deny contains $"window {id} names no zone" if {
	some windows in data.gate.data.windows.open
	some id, window in windows
	not is_string(window.zone)
}

named contains zone if some zone in data.gate.data.calendar.zones

named contains window.zone if some window in data.gate.data.windows.open[_]
