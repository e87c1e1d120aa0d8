# METADATA
# title: Git doesn't manage the target
# description: What Git doesn't manage can't be changed by a pull request, reviewed in one, or taken back by one.
# custom:
#   remedy: Bring the target under GitOps first, or escalate to its owner
#   severity: error
#   exceptable: false
# schemas:
#   - input: schema.input
package gate.rules.target.managed_by_git

import rego.v2

import data.gate.lib.rule

about := rule.about(rego.metadata.chain())

needs contains {"path": ["actions", "creating"], "type": "array"}

deny contains $"{input.action.target.name} is not managed by Git, so no change of it can be proposed" if {
	not input.change.needed == false
	not input.facts.target.managed_by_git == true
	not input.action.kind in data.gate.data.actions.creating
}
