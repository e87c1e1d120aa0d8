# METADATA
# title: only one signal speaks for it
# description: >-
#   One sensor can be wrong. What goes alone has to be seen from two sides; otherwise a person looks too. It asks of
#   every kind of action that could go alone, whatever else raises its tier.
# custom:
#   remedy: Cite evidence from a second source, or have the owning team approve it
#   severity: warning
#   exceptable: false
# schemas:
#   - input: schema.input
package gate.rules.evidence.more_than_one_signal

import rego.v2

import data.gate.lib.matrix
import data.gate.lib.proposer
import data.gate.lib.rule
import data.gate.lib.tier as tiers

about := rule.about(rego.metadata.chain())

needs contains {"path": ["evidence", "minimum_sources"], "type": "number"}

approval contains {"role": matrix.owner_role, "count": 1} if {
	proposer.automated
	tiers.base(input.action.kind) == 1
	not several
}

several if input.evidence.sources >= data.gate.data.evidence.minimum_sources

several if input.incident.signal_kinds >= data.gate.data.evidence.minimum_sources
