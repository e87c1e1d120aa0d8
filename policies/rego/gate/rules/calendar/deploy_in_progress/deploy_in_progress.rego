# METADATA
# title: a deploy of the target is in progress
# description: What a deploy still changes can't be judged, and a fix on top of it is undone by it or undoes it.
# custom:
#   remedy: Wait until the deploy is through, or roll it back
#   severity: error
#   exceptable: true
# schemas:
#   - input: schema.input
package gate.rules.calendar.deploy_in_progress

import rego.v2

import data.gate.lib.proposer
import data.gate.lib.rule
import data.gate.lib.tier as tiers

about := rule.about(rego.metadata.chain())

needs contains {"path": ["calendar", "during_deploy"], "type": "array"}

deny contains $"a deploy of {input.action.target.name} is in progress" if {
	proposer.automated
	not tiers.value == 0
	not input.facts.recent.deploy_in_progress == false
	not input.action.kind in data.gate.data.calendar.during_deploy
}
