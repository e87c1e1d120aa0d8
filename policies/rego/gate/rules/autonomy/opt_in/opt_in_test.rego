package gate.rules.autonomy.opt_in_test

import rego.v2

import data.gate.lib.sample_test as sample
import data.gate.rules.autonomy.opt_in

one := {{"role": "team:team-payments", "count": 1}}

asked(document, autonomy) := found if {
	found := opt_in.approval with input as document with data.gate.data.autonomy as autonomy
}

choosing(fields) := object.union(sample.autonomy, {"opt_in": {"prod-eu": {"payments": fields}}})

test_a_safe_action_goes_alone_where_its_namespace_opted_in if asked(sample.allowed, sample.autonomy) == set()

test_as_shipped_nobody_has_opted_in if {
	found := opt_in.approval with input as sample.allowed
	found == one
}

test_elsewhere_it_wants_the_owner if {
	every fields in [{"namespace": "checkout"}, {"cluster": "prod-us"}] {
		asked(sample.changed({"action": {"target": fields}}), sample.autonomy) == one
	}
}

test_a_half_hearted_choice_is_none if {
	every fields in [
		{"enabled": false}, {"enabled": "true"}, {"allowed_risk_levels": []}, {"allowed_risk_levels": "safe"},
		{"requires_approval": ["safe"]}, {"requires_approval": "no"}, {"actions": []}, {"actions": ["rerun_job"]},
	] {
		asked(sample.allowed, choosing(fields)) == one
	}
}

test_a_choice_with_a_word_missing_is_none if {
	every word in ["enabled", "allowed_risk_levels", "requires_approval"] {
		asked(sample.allowed, json.remove(sample.autonomy, [$"opt_in/prod-eu/payments/{word}"])) == one
	}
}

test_a_choice_that_lists_no_actions_is_for_all_safe_ones if {
	asked(sample.allowed, json.remove(sample.autonomy, ["opt_in/prod-eu/payments/actions"])) == set()
}

everything := choosing({"allowed_risk_levels": ["safe", "moderate", "advanced"], "requires_approval": [], "actions": ["rollback_workload", "change_rbac"]})

test_more_than_safe_wants_people_whatever_the_namespace_says if {
	asked(sample.acting("rollback_workload"), everything) == one
	asked(sample.acting("change_rbac"), everything) == one
}

test_what_changes_nothing_wants_nobody if asked(sample.acting("escalate"), sample.autonomy) == set()

test_missing_fields_are_no_choice if {
	count(asked(sample.without(["action"]), sample.autonomy)) == 1
	count(asked(sample.without(["action", "target", "namespace"]), sample.autonomy)) == 1
	asked(sample.allowed, {}) == one
}

test_the_choices_are_declared_as_needed if count(opt_in.needs) == 1
