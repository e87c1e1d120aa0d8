# METADATA
# title: the target is protected
# description: >-
#   Some things hold up everything else, the gate included. They are changed with care, by people, another way.
# custom:
#   remedy: Leave it to the people who run the platform
#   severity: critical
#   exceptable: true
# schemas:
#   - input: schema.input
package gate.rules.target.protected

import rego.v2

import data.gate.lib.rule
import data.gate.lib.span
import data.gate.lib.tier as tiers

about := rule.about(rego.metadata.chain())

needs contains {"path": ["protected", "entries"], "type": "object", "minimum": 1}

deny contains $"it is protected by {id} ({because})" if {
	not tiers.value == 0
	some id, entry in data.gate.data.protected.entries
	span.may_cover(entry)
	because := object.get(entry, "because", "no reason given")
}
