# METADATA
# title: The story the shipped rules tell
# description: Whole verdicts of all shipped rules on shipped data, with one namespace opted in.
package gate.story_test

import rego.v2

import data.gate.decision
import data.gate.lib.sample_test as sample

decided(document) := found if {
	found := decision.verdict with input as document
		with data.gate.data.autonomy as sample.autonomy
		with data.gate.data.people as sample.people
}

refusing(document) := {violation.rule | some violation in decided(document).violations}

test_a_restart_where_the_namespace_opted_in_goes_alone if {
	verdict := decided(sample.allowed)
	verdict.violations == []
	verdict.outcome == "allow"
	verdict.tier == 1
	verdict.mode == "enforce"
	verdict.approvals == {"required": [], "satisfied": [], "missing": []}
}

test_only_the_rule_that_spoke_is_told_apart_from_those_that_passed if {
	spoke := {node.rule: node.status | some node in decided(sample.allowed).rules; node.status != "passed"}
	spoke == {"tier/base": "raised"}
}

test_every_rule_that_contributes_says_what_it_is if {
	told := {node.rule | some node in decided(sample.allowed).rules}
	denying := {concat("/", [area, name]) | some area, name; data.gate.rules[area][name].deny} with input as {}
	raising := {concat("/", [area, name]) | some area, name; data.gate.rules[area][name].tier} with input as {}
	asking := {concat("/", [area, name]) | some area, name; data.gate.rules[area][name].approval} with input as {}
	speaking := {concat("/", [area, name]) | some area, name; data.gate.rules[area][name].mode} with input as {}
	((denying | raising) | (asking | speaking)) - told == set()
	count(denying) > 20
}

test_as_shipped_the_same_restart_wants_its_owner if {
	verdict := decision.verdict with input as sample.allowed
	verdict.outcome == "require_approval"
	{lacking.role | some lacking in verdict.approvals.missing} == {"team:team-payments"}
}

rollback := sample.acting("rollback_workload")

test_a_rollback_waits_for_two_of_the_owners if {
	waiting := decided(rollback)
	waiting.outcome == "require_approval"
	waiting.tier == 2
	waiting.path_to_allow == ["Get 2 more approval from team:team-payments"]
	decided(object.union(rollback, {"approvals": [shown(rollback, "alice")]})).outcome == "require_approval"
	decided(object.union(rollback, {"approvals": [shown(rollback, "alice"), shown(rollback, "bob")]})).outcome == "allow"
}

shown(document, person) := object.union(
	sample.approved_by(person),
	{"rules": [node.rule | some node in decided(document).rules; node.status in {"asks", "raised"}]},
)

test_it_merges_only_as_it_was_decided if {
	approvals := [shown(rollback, "alice"), shown(rollback, "bob")]
	merging := object.union_n([rollback, sample.merging, {"action": {"kind": "rollback_workload"}, "approvals": approvals}])
	decided(merging).outcome == "allow"
	decided(object.union(merging, {"receipt": {"head_matches": false}})).outcome == "deny"
}

test_deleting_a_claim_is_refused_as_irreversible if {
	deletion := object.union(
		sample.acting("delete_resource"),
		{"facts": {"reversibility": {"reversible": false, "inverse": false, "data_loss": true}}},
	)
	decided(deletion).outcome == "deny"
	"reversibility/data_loss" in refusing(deletion)
}

test_frozen_refuses_even_an_escalation if {
	frozen := object.union(sample.acting("escalate"), {"switch": {"mode": "frozen"}})
	decided(frozen).outcome == "deny"
}

test_an_empty_document_is_refused_with_reasons if {
	verdict := decision.verdict with input as {}
	verdict.outcome == "deny"
	verdict.tier == 3
	verdict.mode == "advise"
	"contract/complete" in {violation.rule | some violation in verdict.violations}
}

test_no_document_is_refused_with_reasons if {
	decision.verdict.outcome == "deny"
	"contract/complete" in {violation.rule | some violation in decision.verdict.violations}
}

test_without_any_data_everything_is_refused if {
	verdict := decision.verdict with input as sample.allowed with data.gate.data as {}
	verdict.outcome == "deny"
	verdict.tier == 3
	"contract/data_provided" in {violation.rule | some violation in verdict.violations}
}

test_every_rule_says_its_title_and_is_told_once if {
	rules := decided(sample.allowed).rules
	count(rules) == count({node.rule | some node in rules})
	every node in rules {
		node.title != ""
	}
}
