# METADATA
# title: the stage at which the gate was asked is unknown
# description: What has to hold differs between proposal, merge and admission; an unknown stage could skip all of it.
# custom:
#   remedy: Ask at one of the stages propose, merge or admission
#   severity: critical
#   exceptable: false
# schemas:
#   - input: schema.input
package gate.rules.contract.stage_known

import rego.v2

import data.gate.lib.rule

about := rule.about(rego.metadata.chain())

deny contains $"stage {input.stage} is neither propose, merge nor admission" if {
	not input.stage in {"propose", "merge", "admission"}
}
