# METADATA
# title: data would be lost for good
# description: What no inverse brings back is never automation's to propose, whatever its reason.
# custom:
#   remedy: Let a person propose it, with a backup they have checked
#   severity: critical
#   exceptable: false
# schemas:
#   - input: schema.input
package gate.rules.reversibility.data_loss

import rego.v2

import data.gate.lib.proposer
import data.gate.lib.rule

about := rule.about(rego.metadata.chain())

deny contains $"{input.action.kind} would lose data, which can't be undone" if {
	not input.facts.reversibility.data_loss == false
	proposer.automated
}
