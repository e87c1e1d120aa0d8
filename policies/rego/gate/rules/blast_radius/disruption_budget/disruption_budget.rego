# METADATA
# title: it would break a disruption budget, or that isn't known
# description: >-
#   A rolling update or a deletion goes straight past a PodDisruptionBudget, which Kubernetes enforces on evictions
#   only. So the gate keeps it.
# custom:
#   remedy: Wait until more pods are ready, or propose something that stops fewer of them
#   severity: error
#   exceptable: true
# schemas:
#   - input: schema.input
package gate.rules.blast_radius.disruption_budget

import rego.v2

import data.gate.lib.rule
import data.gate.lib.tier as tiers

about := rule.about(rego.metadata.chain())

deny contains $"a disruption budget would be {input.facts.blast.disruption_budget}" if {
	not tiers.value == 0
	not input.facts.blast.disruption_budget in {"none", "respected"}
}
