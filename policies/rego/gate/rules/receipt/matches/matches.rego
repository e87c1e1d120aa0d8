# METADATA
# title: what would happen now is not what was decided
# description: >-
#   After the proposal, everything is held against its receipt: the head that was reviewed, the branch that it goes
#   to, the action, the edits, and the very object. Without a receipt nothing merges and nothing is admitted: at the
#   door of the cluster an agent's own write has none, whatever role it was given.
# custom:
#   remedy: Propose it, so that what is there now is decided and reviewed, and let GitOps apply what is merged
#   severity: critical
#   exceptable: false
# schemas:
#   - input: schema.input
package gate.rules.receipt.matches

import rego.v2

import data.gate.lib.proposer
import data.gate.lib.rule

about := rule.about(rego.metadata.chain())

needs contains {"path": ["admission", "agents", list], "type": "array"} if some list in ["users", "groups", "namespaces"]

needs contains {"path": ["admission", "delivery", "users"], "type": "array"}

deny contains unreceipted if {
	not input.stage == "propose"
	not is_object(input.receipt)
}

default unreceipted := "there is no receipt"

unreceipted := $"{input.proposer.id} may not write to the cluster itself" if {
	proposer.automated
	not input.stage in {"propose", "merge"}
}

deny contains $"the {what} is not the one that was decided on" if {
	is_object(input.receipt)
	some field, what in bound
	not input.receipt[field] == true
}

bound := {"head_matches": "head commit", "base_matches": "base branch", "action_matches": "action", "change_matches": "change", "target_matches": "target"}
