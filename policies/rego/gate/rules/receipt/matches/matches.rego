# METADATA
# title: what would happen now is not what was decided
# description: >-
#   After the proposal, everything is held against its receipt: the head that was reviewed, the branch that it goes
#   to, the action, the edits, and the very object. Without a receipt nothing merges and nothing is admitted.
# custom:
#   remedy: Propose it again, so that what is there now is decided and reviewed
#   severity: critical
#   exceptable: false
# schemas:
#   - input: schema.input
package gate.rules.receipt.matches

import rego.v2

import data.gate.lib.rule

about := rule.about(rego.metadata.chain())

deny contains "there is no receipt" if {
	not input.stage == "propose"
	not is_object(input.receipt)
}

deny contains $"the {what} is not the one that was decided on" if {
	is_object(input.receipt)
	some field, what in bound
	not input.receipt[field] == true
}

bound := {"head_matches": "head commit", "base_matches": "base branch", "action_matches": "action", "change_matches": "change", "target_matches": "target"}
