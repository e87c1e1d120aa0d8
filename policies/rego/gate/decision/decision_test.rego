package gate.decision_test

import rego.v2

import data.gate.decision
import data.gate.lib.sample_test as sample

about := {"title": "it is so", "remedy": "Mend it", "severity": "error", "exceptable": true}

rule(said) := object.union({"about": about}, said)

calm := {"tier": {"base": rule({"tier": {{"tier": 1, "because": "it starts from 1"}}, "mode": {"enforce"}})}}

with_rules(rules) := with_rules_on(rules, sample.allowed)

with_rules_on(rules, document) := found if {
	found := decision.verdict with input as document
		with data.gate.rules as object.union(calm, rules)
		with data.gate.data.people as sample.people
}

asking := {"approval": {"owner": rule({"approval": {{"role": "team:team-payments", "count": 1}}})}}

refusing := {"change": {"size": rule({"deny": {"it is too large", "it is too long"}})}}

approved := sample.changed({"approvals": [object.union(sample.approved_by("alice"), {"rules": ["approval/owner", "tier/base"]})]})

test_nothing_against_it_is_allowed if {
	verdict := with_rules({})
	verdict.outcome == "allow"
	verdict.tier == 1
	verdict.risk == "safe"
	verdict.mode == "enforce"
	verdict.violations == []
	verdict.path_to_allow == []
	verdict.ttl_seconds == 3600
}

test_no_rules_at_all_is_a_refusal if {
	verdict := decision.verdict with input as sample.allowed with data.gate.rules as {}
	verdict.outcome == "deny"
	verdict.tier == 3
	verdict.mode == "advise"
	verdict.rules == []
}

test_one_refusal_refuses if {
	verdict := with_rules(object.union(refusing, asking))
	verdict.outcome == "deny"
	verdict.violations == [
		{"rule": "change/size", "message": "it is too large", "remedy": "Mend it", "severity": "error"},
		{"rule": "change/size", "message": "it is too long", "remedy": "Mend it", "severity": "error"},
	]
}

test_a_missing_approval_asks_for_it if {
	verdict := with_rules(asking)
	verdict.outcome == "require_approval"
	verdict.approvals.missing == [{"role": "team:team-payments", "count": 1, "rule": "approval/owner"}]
	verdict.path_to_allow == ["Get 1 more approval from team:team-payments"]
}

test_an_approval_allows_what_only_wanted_it if {
	verdict := with_rules_on(asking, approved)
	verdict.outcome == "allow"
	verdict.approvals.required == [{"role": "team:team-payments", "count": 1, "rule": "approval/owner"}]
	verdict.approvals.satisfied == [{
		"role": "team:team-payments",
		"count": 1,
		"rule": "approval/owner",
		"by": ["alice"],
	}]
	verdict.approvals.missing == []
	verdict.path_to_allow == []
	verdict.reviews == [{"approver": "alice", "counts": true, "because": "it counts"}]
}

test_an_approval_does_not_lift_a_refusal if {
	with_rules_on(object.union(refusing, asking), approved).outcome == "deny"
}

test_an_ask_that_cannot_be_counted_is_a_refusal if {
	every ask in [{"role": "team:team-payments", "count": "1"}, {"role": "team:team-payments"}, {"count": 1}] {
		with_rules_on({"approval": {"odd": rule({"approval": {ask}})}}, approved).outcome == "deny"
	}
}

test_a_rule_that_says_nothing_of_itself_still_refuses if {
	verdict := with_rules({"area": {"odd": {"deny": {"no"}}}})
	verdict.outcome == "deny"
	verdict.violations == [{
		"rule": "area/odd",
		"message": "no",
		"remedy": "Ask the platform team",
		"severity": "critical",
	}]
}

said(mode) := {"autonomy": {$"says_{mode}": rule({"mode": {mode}})}}

test_the_most_careful_mode_counts if {
	with_rules(said("advise")).mode == "advise"
	with_rules(object.union(said("advise"), said("shadow"))).mode == "shadow"
	with_rules(said("enforce")).mode == "enforce"
}

test_nobody_saying_enforce_is_advice_only if {
	silent := {"tier": {"base": rule({"tier": {{"tier": 1, "because": "x"}}})}}
	verdict := decision.verdict with input as sample.allowed with data.gate.rules as silent
	verdict.mode == "advise"
	odd := decision.verdict with input as sample.allowed with data.gate.rules as object.union(silent, said("Enforce"))
	odd.mode == "advise"
}

test_the_way_to_allow_names_each_remedy_once_the_gravest_first if {
	grave := rule({"deny": {"z"}, "about": {"remedy": "Stop", "severity": "critical"}})
	slight := rule({"deny": {"a"}, "about": {"remedy": "Tidy up", "severity": "warning"}})
	verdict := with_rules(object.union_n([
		refusing, asking,
		{"a": {"slight": slight, "same": rule({"deny": {"b"}})}, "z": {"grave": grave}},
	]))
	verdict.path_to_allow == ["Stop", "Mend it", "Tidy up", "Get 1 more approval from team:team-payments"]
}

test_every_rule_is_a_node_with_its_status if {
	verdict := with_rules(object.union_n([refusing, asking, {"switch": {"frozen": rule({"deny": set()})}}]))
	verdict.rules == [
		{"rule": "approval/owner", "title": "it is so", "status": "asks", "message": "1 of team:team-payments"},
		{"rule": "change/size", "title": "it is so", "status": "refused", "message": "it is too large; it is too long"},
		{"rule": "switch/frozen", "title": "it is so", "status": "passed", "message": ""},
		{"rule": "tier/base", "title": "it is so", "status": "raised", "message": "it starts from 1"},
	]
}

test_obligations_are_collected if {
	owing := {"tier": {"more": rule({"obligation": {"verify_after_apply", "notify_owner"}})}}
	with_rules(owing).obligations == ["notify_owner", "verify_after_apply"]
}

excepting(rules) := {"maximum_days": 30, "entries": {"big-diff": {
	"owner": "team-payments",
	"reason": "migration",
	"ticket": "OPS-411",
	"rules": rules,
	"scope": {"namespace": "payments"},
	"granted": "2026-11-01T00:00:00Z",
	"expires": "2026-11-20T00:00:00Z",
}}}

test_an_exception_sets_its_rule_aside_and_is_told if {
	verdict := with_rules(refusing) with data.gate.data.exceptions as excepting(["change/size"])
	verdict.outcome == "allow"
	verdict.violations == []
	verdict.exceptions == [{
		"id": "big-diff",
		"rule": "change/size",
		"ticket": "OPS-411",
		"expires": "2026-11-20T00:00:00Z",
	}]
	{"change/size"} == {node.rule | some node in verdict.rules; node.status == "excepted"}
}

test_an_exception_leaves_other_rules_alone if {
	other := object.union(refusing, {"change": {"findings": rule({"deny": {"found"}})}})
	verdict := with_rules(other) with data.gate.data.exceptions as excepting(["change/size"])
	verdict.outcome == "deny"
	{violation.rule | some violation in verdict.violations} == {"change/findings"}
}

test_a_rule_that_permits_no_exception_keeps_its_refusal if {
	strict := {"change": {"size": object.union(refusing.change.size, {"about": {"exceptable": false}})}}
	verdict := with_rules(strict) with data.gate.data.exceptions as excepting(["change/size"])
	verdict.outcome == "deny"
	verdict.exceptions == []
}

test_an_exception_nobody_needs_is_not_told if {
	verdict := with_rules({}) with data.gate.data.exceptions as excepting(["change/size"])
	verdict.exceptions == []
}

test_a_decision_without_a_lifetime_in_data_lives_a_second if {
	verdict := with_rules({}) with data.gate.data.approvals as {}
	verdict.ttl_seconds == 1
	none := with_rules({}) with data.gate.data.approvals.decision_seconds as {"safe": 0}
	none.ttl_seconds == 1
}
