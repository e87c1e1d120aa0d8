# METADATA
# title: it cites too little evidence
# description: >-
#   A person has to be able to follow the way from signal to proposal, so whoever proposes names what it rests on.
# custom:
#   remedy: Cite the evidence of the incident that it rests on
#   severity: error
#   exceptable: false
# schemas:
#   - input: schema.input
package gate.rules.evidence.cited

import rego.v2

import data.gate.lib.rule
import data.gate.lib.tier as tiers

about := rule.about(rego.metadata.chain())

needs contains {"path": ["evidence", "trusted_to_know"], "type": "array"}

needs contains {"path": ["evidence", "minimum_cited"], "type": "number"}

deny contains $"it cites {cited} pieces of evidence, the least is {data.gate.data.evidence.minimum_cited}" if {
	not tiers.value == 0
	not input.proposer.kind in data.gate.data.evidence.trusted_to_know
	not input.evidence.cited >= data.gate.data.evidence.minimum_cited
	cited := object.get(input, ["evidence", "cited"], "an unknown number of")
}
