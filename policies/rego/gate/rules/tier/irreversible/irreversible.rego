# METADATA
# title: the action can't be undone
# description: Reversibility is the line between what may be tried and what people have to want.
# custom:
#   remedy: Propose an action whose inverse the gate can make from Git
#   severity: warning
#   exceptable: false
# schemas:
#   - input: schema.input
package gate.rules.tier.irreversible

import rego.v2

import data.gate.lib.rule

about := rule.about(rego.metadata.chain())

tier contains {"tier": 3, "because": "it can't be undone"} if not input.facts.reversibility.reversible == true

tier contains {"tier": 3, "because": "its change has no inverse in Git"} if {
	not input.change.needed == false
	not input.facts.reversibility.inverse == true
}
