package gate.rules.approval.rejected_test

import rego.v2

import data.gate.lib.sample_test as sample
import data.gate.rules.approval.rejected

refused(document) if {
	count(rejected.deny) == 1 with input as document with data.gate.data.people as sample.people
}

by(person) := object.union(sample.approved_by(person), {"state": "rejected"})

reviewed(reviews) := object.union(sample.acting("change_rbac"), {"approvals": reviews})

test_a_rejection_by_a_required_role_refuses if {
	refused(reviewed([by("carol")]))
	refused(reviewed([by("erin")]))
	refused(reviewed([by("alice")]))
}

test_others_do_not_outvote_it if {
	refused(reviewed([by("carol"), sample.approved_by("alice"), sample.approved_by("erin")]))
}

test_the_owning_team_may_stop_what_would_go_alone if {
	refused(sample.changed({"approvals": [by("alice")]})) with data.gate.data.autonomy as sample.autonomy
}

test_the_word_of_others_does_not_refuse if {
	not refused(reviewed([by("dana")]))
	not refused(reviewed([by("mallory")]))
	not refused(reviewed([]))
}

test_who_reconsiders_no_longer_refuses if {
	not refused(sample.seen(reviewed([by("carol"), sample.approved_by("carol")])))
	not refused(reviewed([by("carol"), object.union(by("carol"), {"state": "dismissed"})]))
}

test_a_rejection_of_an_earlier_head_still_counts if {
	refused(reviewed([object.union(by("carol"), {"head_matches": false, "age_seconds": 999999})]))
}
