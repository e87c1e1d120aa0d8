# METADATA
# title: too many pull requests already wait
# description: People who have to read a flood approve it without reading.
# custom:
#   remedy: Have the waiting pull requests reviewed or closed first
#   severity: error
#   exceptable: true
# schemas:
#   - input: schema.input
package gate.rules.rate.open_pull_requests

import rego.v2

import data.gate.lib.proposer
import data.gate.lib.rule
import data.gate.lib.tier as tiers

about := rule.about(rego.metadata.chain())

needs contains {"path": ["rates", "open_pull_requests"], "type": "number"}

deny contains $"{waiting} pull requests wait already, the cap is {data.gate.data.rates.open_pull_requests}" if {
	proposer.automated
	not tiers.value == 0
	not input.stage in {"merge", "admission"}
	not input.facts.open.pull_requests < data.gate.data.rates.open_pull_requests
	waiting := object.get(input, ["facts", "open", "pull_requests"], "an unknown number of")
}
