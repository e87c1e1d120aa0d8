# METADATA
# title: an autoscaler owns what it would set, or that isn't known
# description: A replica count that an autoscaler owns would be set back at once, and the two would fight.
# custom:
#   remedy: Change the autoscaler's bounds with adjust_hpa
#   severity: error
#   exceptable: true
# schemas:
#   - input: schema.input
package gate.rules.blast_radius.autoscaler

import rego.v2

import data.gate.lib.rule
import data.gate.lib.tier as tiers

about := rule.about(rego.metadata.chain())

deny contains $"the autoscaler's effect is {input.facts.blast.autoscaler}" if {
	not tiers.value == 0
	not input.facts.blast.autoscaler in {"none", "unaffected"}
}
