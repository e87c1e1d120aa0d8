# METADATA
# title: The gist of a decision
# description: >-
#   What the decision answers, without the sentences and the tree by which people are told why. A search over very many
#   inputs compares answers and reads no reasons, and reasons cost as much as the answer.
package gate.gist

import rego.v2

import data.gate.decision
import data.gate.lib.approval
import data.gate.lib.tier

verdict := {
	"outcome": decision.outcome,
	"tier": tier.value,
	"risk": tier.risk,
	"mode": decision.mode,
	"violations": decision.violations,
	"approvals": {"required": approval.required, "satisfied": approval.satisfied, "missing": approval.missing},
	"obligations": [],
	"path_to_allow": [],
	"rules": [{"rule": id, "title": "", "status": decision.status(id), "message": ""} | some id in sort(speaking)],
	"exceptions": [],
	"reviews": [],
	"ttl_seconds": decision.ttl_seconds,
}

speaking contains id if some id, _ in decision.refusals

speaking contains id if some id, _ in decision.asking

speaking contains id if some id, _ in decision.raising
