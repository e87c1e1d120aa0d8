# METADATA
# title: automation writes to the cluster itself
# description: >-
#   What was decided reaches the cluster through Git alone. At the door of the cluster only what carries a receipt of a
#   merged decision is automation's to change; its own write has none, whatever role it was given.
# custom:
#   remedy: Propose it, with penstock propose or over MCP, and let GitOps apply what is merged
#   severity: critical
#   exceptable: false
# schemas:
#   - input: schema.input
package gate.rules.admission.direct_write

import rego.v2

import data.gate.lib.proposer
import data.gate.lib.rule

about := rule.about(rego.metadata.chain())

needs contains {"path": ["admission", "agents", list], "type": "array"} if some list in ["users", "groups", "namespaces"]

needs contains {"path": ["admission", "delivery", "users"], "type": "array"}

deny contains $"{input.proposer.id} may not write to the cluster itself" if {
	proposer.automated
	not input.stage in {"propose", "merge"}
	not is_object(input.receipt)
}
