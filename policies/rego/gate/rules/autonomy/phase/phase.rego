# METADATA
# title: autonomy is given in phases
# description: >-
#   Trust is earned namespace by namespace: first the gate advises or decides in the shadow, then people approve each
#   change, then the safe tier may go alone. A class of incident can hold back further, never permit more. Where
#   automation was wrong, it is demoted until a person has cleared that; giving more of it, and teaching a runbook, is
#   for people in any phase.
# custom:
#   remedy: Do what it advises by hand, or move the namespace to the phase approve_all
#   severity: error
#   exceptable: false
# schemas:
#   - input: schema.input
package gate.rules.autonomy.phase

import rego.v2

import data.gate.lib.matrix
import data.gate.lib.rule
import data.gate.lib.tier as tiers

about := rule.about(rego.metadata.chain())

needs contains {"path": ["autonomy", "default_phase"], "type": "string"}

needs contains {"path": ["autonomy", "phases", "namespaces"], "type": "object"}

needs contains {"path": ["autonomy", "phases", "pairs"], "type": "object"}

needs contains {"path": ["autonomy", "phases", "classes"], "type": "object"}

needs contains {"path": ["autonomy", "demoted_to"], "type": "string"}

needs contains {"path": ["autonomy", "cleared"], "type": "object"}

deny contains "no phase of autonomy is set for this namespace" if count(phases) == 0

deny contains $"phase {phase} is none of advise, shadow, approve_all and safe_alone" if {
	some phase in phases
	not phase in {"advise", "shadow", "approve_all", "safe_alone"}
}

deny contains "the gate only advises here" if {
	"advise" in phases
	not tiers.value == 0
}

approval contains {"role": matrix.owner_role, "count": 1} if {
	"approve_all" in phases
	tiers.value > 0
}

mode contains "shadow" if "shadow" in phases

mode contains "advise" if "advise" in phases

mode contains "enforce" if {
	count(phases) > 0
	every phase in phases {
		phase in {"approve_all", "safe_alone"}
	}
}

phases contains "approve_all" if governing

phases contains own_phase if not governing

phases contains data.gate.data.autonomy.phases.classes[class] if not governing

phases contains data.gate.data.autonomy.demoted_to if {
	own_phase
	not governing
	not trusted
}

default governing := false

governing if input.action.kind in {"learn_incident", "promote_autonomy"}

# METADATA
# title: Whether automation wasn't wrong here, or a person has cleared the very time that it was
trusted if input.facts.autonomy.demotion == ""

trusted if {
	input.facts.autonomy.demotion == data.gate.data.autonomy.cleared[input.action.target.cluster][place][class]
}

own_phase := object.get(
	data.gate.data.autonomy.phases.pairs,
	[input.action.target.cluster, input.action.target.namespace, class],
	namespace_phase,
)

namespace_phase := object.get(
	data.gate.data.autonomy.phases.namespaces,
	[input.action.target.cluster, input.action.target.namespace],
	data.gate.data.autonomy.default_phase,
)

default class := "none"

class := input.incident.incident_class if input.incident.incident_class != ""

default place := "-"

place := input.action.target.namespace if input.action.target.namespace != ""
