# METADATA
# title: A sample for the tests of every rule
# description: >-
#   One complete input document that the shipped rules allow alone, with the data a namespace needs to have opted in.
#   A test says what differs from it. It is a test file, so no bundle holds it.
package gate.lib.sample_test

import rego.v2

import data.gate.lib.review

allowed := {
	"schema_version": "1",
	"stage": "propose",
	"time": {
		"instant": "2026-11-14T03:12:00Z",
		"epoch": 1794625920,
		"zones": {
			"UTC": {"date": "2026-11-14", "weekday": "saturday", "minute": 192},
			"Europe/Berlin": {"date": "2026-11-14", "weekday": "saturday", "minute": 252},
		},
	},
	"switch": {"mode": "normal"},
	"proposer": {"id": "agent:triage", "kind": "agent", "authenticated": true},
	"action": {
		"kind": "restart_workload",
		"known": true,
		"target": {"cluster": "prod-eu", "namespace": "payments", "kind": "Deployment", "name": "payments-api"},
		"params": {},
		"digest": "sha256:a0",
	},
	"incident": {
		"key": "prod-eu/payments/Deployment/payments-api",
		"incident_class": "crash-loop",
		"novel": false,
		"severity": "critical",
		"status": "open",
		"occurrences": 12,
		"signal_kinds": 3,
		"untold": 0,
		"age_seconds": 180,
		"commander": false,
		"concerns_target": true,
	},
	"runbook": {
		"id": "crash-loop",
		"digest": "sha256:b0",
		"lists_action": true,
		"do_not_touch": false,
		"attempts": 0,
		"max_attempts": 3,
		"rejected_cooldown_seconds": null,
		"preflight": [{"id": "image-pullable", "holds": true}],
		"stop_conditions": [{"id": "data-at-risk", "holds": false}],
	},
	"facts": {
		"target": {
			"found": true,
			"uid": "7d4c",
			"resource_version": "411",
			"generation": 7,
			"environment": "production",
			"criticality": "critical",
			"owner": "team-payments",
			"stateful": false,
			"managed_by_git": true,
		},
		"source": {
			"status": "found",
			"path": "apps/payments/base/payments-api.yaml",
			"renderer": "kustomize",
			"commit": "c0ffee",
		},
		"blast": {
			"unknown": [],
			"pods": 4,
			"pods_percent": 57,
			"workloads": 1,
			"namespaces": 1,
			"dependents": 1,
			"critical_dependents": 0,
			"disruption_budget": "respected",
			"autoscaler": "unaffected",
		},
		"reversibility": {"reversible": true, "inverse": true, "data_loss": false, "basis": "annotation"},
		"recent": {"known": true, "changes": 1, "last_age_seconds": 900, "deploy_in_progress": false},
		"open": {
			"incidents_on_target": 1,
			"proposals_on_target": 0,
			"pull_requests": 0,
			"opened_lately": 0,
			"same_action_age_seconds": null,
			"rejected_age_seconds": null,
		},
		"scale": {"before": null, "after": null},
		"image": {"changes": false, "registry": "", "known_before": false, "critical_vulnerabilities": 0},
		"configuration": {"known": true, "pending": [], "unmarked": []},
		"budgets": {
			"automatic_fixes": {"scope": "prod-eu/payments", "window_seconds": 3600, "used": 0, "requested": 1},
			"pods": {"scope": "prod-eu/payments", "window_seconds": 3600, "used": 0, "requested": 4},
		},
		"autonomy": {"demotion": "", "judged": 0, "agreement_percent": 0},
	},
	"evidence": {"cited": 2, "missing": 0, "sources": 2},
	"change": {
		"built": true,
		"verified": true,
		"needed": true,
		"refusal": "",
		"digest": "sha256:d0",
		"files": 1,
		"lines": 1,
		"outside_tree": false,
		"dry_run": "passed",
	},
	"manifests": {"before": manifest, "after": manifest},
	"findings": [],
	"approvals": [],
	"receipt": null,
}

manifest := {
	"kind": "Deployment",
	"name": "payments-api",
	"complete": true,
	"host_network": false,
	"host_pid": false,
	"host_ipc": false,
	"host_paths": [],
	"service_account": "",
	"containers": [{
		"name": "api",
		"image": "registry.example.com/payments-api:1",
		"init": false,
		"privileged": null,
		"escalates": null,
		"non_root": null,
		"read_only": null,
		"capabilities": [],
		"host_ports": [],
		"limits": ["cpu", "memory"],
	}],
}

# METADATA
# title: The sample with some fields set; objects are merged, anything else is replaced
changed(fields) := object.union(allowed, fields)

# METADATA
# title: The sample without one field, given as the keys that lead to it
without(path) := json.remove(allowed, [concat("/", path)])

# METADATA
# title: The sample as another kind of action
acting(kind) := changed({"action": {"kind": kind}})

# METADATA
# title: The sample as a Terraform plan that the pipeline wants to apply, with these changes
planning(changes) := changed({
	"proposer": {"id": "pipeline:terraform", "kind": "pipeline"},
	"incident": null,
	"runbook": null,
	"action": {
		"kind": "apply_plan",
		"target": {"namespace": "", "kind": "Workspace", "name": "shop"},
		"params": object.union({"plan": "sha256:f0", "lineage": "l", "serial": 7}, changes),
	},
})

# METADATA
# title: The sample at merge, with a receipt that holds
merging := changed({"stage": "merge", "receipt": receipt})

receipt := {
	"head_matches": true,
	"base_matches": true,
	"action_matches": true,
	"change_matches": true,
	"target_matches": true,
	"expired": false,
}

# METADATA
# title: A document whose reviewers were shown the rules that ask and raise for it now
seen(document) := object.union(document, {"approvals": [object.union(given, {"rules": sort(speaking)}) |
	some given in document.approvals
]}) if {
	speaking := review.speaking with input as document
}

# METADATA
# title: An approval that counts, but for the rules that its author was shown
approved_by(person) := {
	"approver": person,
	"kind": "person",
	"state": "approved",
	"author": false,
	"wrote": false,
	"edited": false,
	"head_matches": true,
	"base_matches": true,
	"action_matches": true,
	"change_matches": true,
	"rules": [],
	"teams": [],
	"policy_revision": "1",
	"age_seconds": 60,
}

# METADATA
# title: Data of an organisation in which the payments namespace has opted in
autonomy := {
	"default_phase": "approve_all",
	"phases": {"namespaces": {"prod-eu": {"payments": "safe_alone"}}, "pairs": {}, "classes": {}},
	"demoted_to": "approve_all",
	"cleared": {},
	"promotion": {"window_days": 90, "to": {"safe_alone": {"sample": 40, "agreement_percent": 90}}},
	"opt_in": {"prod-eu": {"payments": {
		"enabled": true,
		"allowed_risk_levels": ["safe"],
		"requires_approval": ["moderate", "advanced"],
		"actions": ["restart_workload"],
	}}},
	"excluded": {"proposers": [], "incident_classes": [], "actions": []},
}

people := {
	"alice": {"teams": ["team-payments"], "roles": []},
	"bob": {"teams": ["team-payments"], "roles": []},
	"carol": {"teams": ["team-platform"], "roles": []},
	"dana": {"teams": [], "roles": ["senior", "incident-commander"]},
	"erin": {"teams": [], "roles": ["admin"]},
}
