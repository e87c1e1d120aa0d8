package gate.rules.autonomy.earned_test

import rego.v2

import data.gate.lib.sample_test as sample
import data.gate.rules.autonomy.earned

promoting(phase, judged, percent) := sample.changed({
	"action": {"kind": "promote_autonomy", "params": {"phase": phase}},
	"facts": {"autonomy": {"judged": judged, "agreement_percent": percent}},
})

refusals(document) := count(found) if {
	found := earned.deny with input as document
}

test_at_both_thresholds_it_is_earned if {
	refusals(promoting("approve_all", 20, 75)) == 0
	refusals(promoting("safe_alone", 40, 90)) == 0
	refusals(promoting("shadow", 0, 0)) == 0
}

test_a_small_sample_is_refused_however_good if refusals(promoting("safe_alone", 39, 90)) == 1

test_too_little_agreement_is_refused_however_large if refusals(promoting("safe_alone", 1000, 89)) == 1

test_neither_is_told_twice if {
	messages := earned.deny with input as promoting("safe_alone", 3, 40)
	messages == {
		"people judged 3 decisions here, and not as many as the phase takes",
		"people agreed with at least 40 %, and not as many as the phase takes",
	}
}

test_a_phase_without_thresholds_is_refused if {
	refusals(promoting("everything", 1000, 100)) == 2
	refusals(sample.changed({"action": {"kind": "promote_autonomy", "params": {}}})) == 2
}

test_without_the_figures_it_is_refused if {
	refusals(json.remove(promoting("safe_alone", 40, 90), ["/facts/autonomy"])) == 2
}

test_a_threshold_that_is_no_number_is_none if {
	every odd in ["0", null, {}] {
		count(earned.deny) == 2 with input as promoting("safe_alone", 40, 90)
			with data.gate.data.autonomy.promotion.to as {"safe_alone": {"sample": odd, "agreement_percent": odd}}
	}
}

test_other_actions_need_no_figures if refusals(sample.allowed) == 0

test_the_thresholds_are_declared_as_needed if count(earned.needs) == 2
