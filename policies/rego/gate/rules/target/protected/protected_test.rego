package gate.rules.target.protected_test

import rego.v2

import data.gate.lib.sample_test as sample
import data.gate.rules.target.protected

refusals(document) := found if {
	found := count(protected.deny) with input as document
}

about(target) := sample.changed({"action": {"target": target}})

test_an_ordinary_target_passes if refusals(sample.allowed) == 0

test_what_holds_up_everything_is_refused if {
	every namespace in ["kube-system", "kube-public", "penstock", "argocd", "flux-system"] {
		refusals(about({"namespace": namespace})) == 1
	}
	refusals(about({"namespace": "", "kind": "Namespace", "name": "payments"})) == 1
	refusals(about({"kind": "ConfigMap", "name": "kube-root-ca.crt"})) == 1
}

test_people_are_bound_too if {
	refusals(object.union(about({"namespace": "penstock"}), {"proposer": {"kind": "person"}})) == 1
}

test_the_message_says_why if {
	messages := protected.deny with input as about({"namespace": "argocd"})
	messages == {"it is protected by delivery (every change is delivered through it)"}
}

test_escalating_about_it_passes if {
	refusals(object.union(about({"namespace": "kube-system"}), {"action": {"kind": "escalate"}})) == 0
}

test_an_entry_that_cannot_be_read_protects_everything if {
	messages := protected.deny with input as sample.allowed
		with data.gate.data.protected.entries as {"typo": {"scope": {"namespaces": ["billing"]}}}
	messages == {"it is protected by typo (no reason given)"}
}

test_the_entries_are_declared_as_needed if count(protected.needs) == 1
