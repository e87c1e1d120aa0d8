# METADATA
# title: most of what runs there would feel it at once
# description: >-
#   Several workloads that are most of a namespace are its redundancy too. One workload alone may well be all there is.
# custom:
#   remedy: Propose it for one workload after another
#   severity: error
#   exceptable: true
# schemas:
#   - input: schema.input
package gate.rules.blast_radius.share

import rego.v2

import data.gate.lib.radius
import data.gate.lib.rule
import data.gate.lib.tier as tiers

about := rule.about(rego.metadata.chain())

needs contains need if some need in radius.needs("percent", 1)

needs contains {"path": ["blast", "share_from_workloads"], "type": "number"}

deny contains $"{blast.pods_percent} % of the pods would feel it, the most is {radius.limit("percent")} %" if {
	not tiers.value == 0
	blast := object.get(input, ["facts", "blast"], {})
	not blast.workloads < data.gate.data.blast.share_from_workloads
	not blast.pods_percent <= radius.limit("percent")
}
