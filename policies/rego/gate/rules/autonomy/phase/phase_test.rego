package gate.rules.autonomy.phase_test

import rego.v2

import data.gate.lib.sample_test as sample
import data.gate.rules.autonomy.phase

in_phase(name) := object.union(sample.autonomy, {"phases": {"namespaces": {"prod-eu": {"payments": name}}}})

holding_back(name) := object.union(sample.autonomy, {"phases": {"classes": {"crash-loop": name}}})

refused(document, autonomy) if {
	count(phase.deny) == 1 with input as document with data.gate.data.autonomy as autonomy
}

asked(document, autonomy) if {
	count(phase.approval) == 1 with input as document with data.gate.data.autonomy as autonomy
}

modes(document, autonomy) := found if {
	found := phase.mode with input as document with data.gate.data.autonomy as autonomy
}

test_in_phase_safe_alone_nothing_is_added if {
	not refused(sample.allowed, sample.autonomy)
	not asked(sample.allowed, sample.autonomy)
	modes(sample.allowed, sample.autonomy) == {"enforce"}
}

test_in_phase_approve_all_the_owner_approves_each if {
	asked(sample.allowed, in_phase("approve_all"))
	not refused(sample.allowed, in_phase("approve_all"))
	modes(sample.allowed, in_phase("approve_all")) == {"enforce"}
	not asked(sample.acting("escalate"), in_phase("approve_all"))
}

test_in_phase_advise_nothing_is_changed if {
	refused(sample.allowed, in_phase("advise"))
	modes(sample.allowed, in_phase("advise")) == {"advise"}
	not refused(sample.acting("escalate"), in_phase("advise"))
}

test_in_phase_shadow_the_mode_is_shadow if {
	modes(sample.allowed, in_phase("shadow")) == {"shadow"}
	not refused(sample.allowed, in_phase("shadow"))
}

test_a_namespace_of_no_phase_is_in_the_default_one if {
	elsewhere := sample.changed({"action": {"target": {"namespace": "checkout"}}})
	asked(elsewhere, sample.autonomy)
	modes(elsewhere, object.union(sample.autonomy, {"default_phase": "shadow"})) == {"shadow"}
}

test_as_shipped_every_change_is_approved if {
	count(phase.approval) == 1 with input as sample.allowed
	phase.mode == {"enforce"} with input as sample.allowed
}

test_a_class_holds_back_further if {
	refused(sample.allowed, holding_back("advise"))
	asked(sample.allowed, holding_back("approve_all"))
	modes(sample.allowed, holding_back("shadow")) == {"shadow"}
}

test_a_class_never_permits_more if {
	permitting := object.union(holding_back("safe_alone"), in_phase("approve_all"))
	asked(sample.allowed, permitting)
}

test_an_unknown_phase_is_a_refusal if {
	every name in ["", "Safe_alone", "auto", 7, null] {
		refused(sample.allowed, in_phase(name))
		modes(sample.allowed, in_phase(name)) == set()
	}
}

test_no_phase_at_all_is_a_refusal if {
	refused(sample.allowed, {})
	modes(sample.allowed, {}) == set()
	refused(sample.without(["action", "target"]), sample.autonomy)
}

in_pair(name) := object.union(sample.autonomy, {"phases": {"pairs": {"prod-eu": {"payments": {"crash-loop": name}}}}})

test_a_pair_goes_before_its_namespace if {
	asked(sample.allowed, in_pair("approve_all"))
	not asked(sample.allowed, object.union(in_phase("approve_all"), in_pair("safe_alone")))
	unclassed := sample.changed({"incident": {"incident_class": ""}})
	not asked(unclassed, in_pair("approve_all"))
}

test_a_class_holds_back_a_pair_too if asked(sample.allowed, object.union(holding_back("approve_all"), in_pair("safe_alone")))

demoted := sample.changed({"facts": {"autonomy": {"demotion": "dem-1"}}})

clearing(id) := object.union(sample.autonomy, {"cleared": {"prod-eu": {"payments": {"crash-loop": id}}}})

test_where_automation_was_wrong_people_approve if {
	asked(demoted, sample.autonomy)
	asked(demoted, clearing("dem-0"))
	modes(demoted, sample.autonomy) == {"enforce"}
	modes(demoted, object.union(sample.autonomy, {"demoted_to": "shadow"})) == {"shadow"}
}

test_a_person_clears_that_very_demotion if not asked(demoted, clearing("dem-1"))

test_a_demotion_without_class_or_namespace_is_cleared_by_name if {
	bare := object.union(demoted, {"incident": null, "action": {"target": {"namespace": ""}}})
	asked(bare, anywhere("dem-0"))
	not asked(bare, anywhere("dem-1"))
}

anywhere(id) := object.union(
	sample.autonomy,
	{"default_phase": "safe_alone", "cleared": {"prod-eu": {"-": {"none": id}}}},
)

test_without_the_fact_automation_isnt_trusted if asked(sample.without(["facts", "autonomy"]), sample.autonomy)

test_giving_more_autonomy_is_for_people_in_any_phase if {
	every name in ["advise", "shadow", "approve_all", "safe_alone"] {
		asked(sample.acting("promote_autonomy"), in_phase(name))
		modes(sample.acting("promote_autonomy"), in_phase(name)) == {"enforce"}
		modes(sample.acting("learn_incident"), in_phase(name)) == {"enforce"}
	}
}

test_the_phases_are_declared_as_needed if count(phase.needs) == 6
