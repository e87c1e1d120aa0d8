# METADATA
# title: too many pull requests were opened lately
# description: Automation that opens and closes by the hundred buries people as well as one that leaves them open.
# custom:
#   remedy: Wait until the window has room, or have a person look at why so many are needed
#   severity: error
#   exceptable: true
# schemas:
#   - input: schema.input
package gate.rules.rate.opened_pull_requests

import rego.v2

import data.gate.lib.proposer
import data.gate.lib.rule
import data.gate.lib.tier as tiers

about := rule.about(rego.metadata.chain())

needs contains {"path": ["rates", "opened_pull_requests"], "type": "number"}

deny contains $"{opened} pull requests were opened lately, the cap is {data.gate.data.rates.opened_pull_requests}" if {
	proposer.automated
	not tiers.value == 0
	not input.stage in {"merge", "admission"}
	not input.facts.open.opened_lately < data.gate.data.rates.opened_pull_requests
	opened := object.get(input, ["facts", "open", "opened_lately"], "an unknown number of")
}
