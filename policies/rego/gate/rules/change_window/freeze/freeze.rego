# METADATA
# title: changes are frozen
# description: >-
#   During a freeze only what is small enough goes on, and nothing advanced ever. A freeze that can't be read holds for
#   all it might mean.
# custom:
#   remedy: Wait until the freeze ends, or correct it in the policy data windows if it can't be read
#   severity: error
#   exceptable: true
# schemas:
#   - input: schema.input
package gate.rules.change_window.freeze

import rego.v2

import data.gate.lib.rule
import data.gate.lib.span
import data.gate.lib.tier as tiers

about := rule.about(rego.metadata.chain())

needs contains {"path": ["windows", "freezes"], "type": "object"}

deny contains $"freeze {id} holds until {entry.to}" if {
	some id, entry in data.gate.data.windows.freezes
	readable(entry)
	span.may_hold(entry)
	tiers.value >= entry.from_tier
}

deny contains $"freeze {id} can't be read, so it holds" if {
	not tiers.value == 0
	some id, entry in data.gate.data.windows.freezes
	not readable(entry)
	span.may_cover(entry)
}

readable(entry) if {
	span.readable(entry)
	entry.from_tier in {1, 2, 3}
}
