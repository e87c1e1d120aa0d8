# METADATA
# title: its source in Git isn't known
# description: >-
#   A change is an edit of the one file that makes the target. With none, or with several that might, there is nothing
#   safe to edit.
# custom:
#   remedy: Have the target managed from one place in the GitOps repository
#   severity: error
#   exceptable: false
# schemas:
#   - input: schema.input
package gate.rules.target.source_found

import rego.v2

import data.gate.lib.rule

about := rule.about(rego.metadata.chain())

deny contains $"the source of the target in Git is {input.facts.source.status}" if {
	not input.facts.source.status in {"found", "not_needed"}
}
