package gate.lib.scope_test

import rego.v2

import data.gate.lib.sample_test as sample
import data.gate.lib.scope

subject := found if found := scope.subject with input as sample.allowed

test_the_subject_is_target_and_action if {
	subject == {
		"cluster": "prod-eu",
		"namespace": "payments",
		"kind": "Deployment",
		"name": "payments-api",
		"action": "restart_workload",
	}
}

test_a_word_left_out_means_any if scope.covers({"namespace": "payments"}, subject)

test_every_word_has_to_fit if {
	scope.covers({"namespace": "payments", "action": ["set_image", "restart_workload"]}, subject)
	not scope.covers({"namespace": "payments", "action": "set_image"}, subject)
	not scope.covers({"namespace": ["checkout", "platform"]}, subject)
}

test_a_list_of_one_is_a_list if scope.covers({"action": ["restart_workload"]}, subject)

test_a_scope_of_no_words_covers_nothing if not scope.covers({}, subject)

test_what_cannot_be_read_covers_nothing if {
	every unreadable in [null, "payments", [], {"namespaces": "payments"}, {"namespace": []}, {"namespace": [1]}, {"kind": 1}, {"namespace": {"is": "payments"}}] {
		not scope.well_formed(unreadable)
		not scope.covers(unreadable, subject)
	}
}

test_a_missing_word_of_the_subject_fits_nothing if not scope.covers({"name": "payments-api"}, {"cluster": "prod-eu"})
