# METADATA
# title: the target's recent changes aren't known
# description: The last change is the first suspect. Acting without having looked at it can bury it.
# custom:
#   remedy: Give the gate read access to the target's history in Git and cluster, or let a person propose it
#   severity: error
#   exceptable: true
# schemas:
#   - input: schema.input
package gate.rules.evidence.history_known

import rego.v2

import data.gate.lib.proposer
import data.gate.lib.rule
import data.gate.lib.tier as tiers

about := rule.about(rego.metadata.chain())

deny contains $"recent changes of {input.action.target.name} couldn't be read" if {
	proposer.automated
	not tiers.value == 0
	not input.facts.recent.known == true
}
