# METADATA
# title: the gate doesn't know who proposes
# description: Who proposes decides what may go alone and whose approval counts, so it can't be a claim.
# custom:
#   remedy: Propose with a token of a named identity
#   severity: critical
#   exceptable: false
# schemas:
#   - input: schema.input
package gate.rules.contract.authenticated

import rego.v2

import data.gate.lib.rule

about := rule.about(rego.metadata.chain())

deny contains $"proposer {input.proposer.id} is not authenticated" if not input.proposer.authenticated == true
