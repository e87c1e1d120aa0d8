package gate.gist_test

import rego.v2

import data.gate.decision
import data.gate.gist
import data.gate.lib.sample_test as sample

unsaid := {"obligations": [], "path_to_allow": [], "exceptions": [], "reviews": []}

heard(rules) := [{"rule": node.rule, "status": node.status} | some node in rules; node.status != "passed"]

test_the_gist_answers_what_the_decision_does if {
	refused := sample.changed({"switch": {"mode": "frozen"}})
	approved := sample.changed({"approvals": [object.union(sample.approved_by("alice"), {"rules": ["tier/base"]})]})
	every document in [sample.allowed, refused, approved, sample.acting("rollback_workload"), {}] {
		whole := decision.verdict with input as document with data.gate.data.people as sample.people
		short := gist.verdict with input as document with data.gate.data.people as sample.people
		heard(short.rules) == heard(whole.rules)
		object.remove(short, ["rules"]) == object.union(object.remove(whole, ["rules"]), unsaid)
	}
}

test_a_rule_that_an_exception_sets_aside_is_heard if {
	found := gist.verdict.rules with input as sample.allowed
		with data.gate.decision.refusals as {"change/size": {"too large"}}
		with data.gate.decision.excepted as {"change/size": {"big-diff"}}
	some node in found
	node == {"rule": "change/size", "title": "", "status": "excepted", "message": ""}
}
