# METADATA
# title: a planned event is going on
# description: >-
#   During maintenance, a load test or a deploy the signals are the event's own, and remediation would fight it.
# custom:
#   remedy: Wait until the event ends, let a person propose it, or correct the event if it can't be read
#   severity: error
#   exceptable: true
# schemas:
#   - input: schema.input
package gate.rules.calendar.planned_event

import rego.v2

import data.gate.lib.proposer
import data.gate.lib.rule
import data.gate.lib.span
import data.gate.lib.tier as tiers

about := rule.about(rego.metadata.chain())

needs contains {"path": ["calendar", "events"], "type": "object"}

deny contains $"{entry.what} {id} goes on until {entry.to}" if {
	proposer.automated
	not tiers.value == 0
	some id, entry in data.gate.data.calendar.events
	readable(entry)
	span.may_hold(entry)
}

deny contains $"event {id} can't be read, so it might be going on" if {
	proposer.automated
	not tiers.value == 0
	some id, entry in data.gate.data.calendar.events
	not readable(entry)
	span.may_cover(entry)
}

readable(entry) if {
	span.readable(entry)
	entry.what in {"maintenance", "load_test", "deploy"}
}
