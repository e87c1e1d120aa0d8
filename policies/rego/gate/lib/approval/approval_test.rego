package gate.lib.approval_test

import rego.v2

import data.gate.lib.approval
import data.gate.lib.sample_test as sample

asking(asks) := {"area": {name: {"approval": of_rule} | some name, of_rule in asks}}

one_of(role) := {{"role": role, "count": 1}}

two_of(role) := {{"role": role, "count": 2}}

reviewed(reviews) := sample.changed({"approvals": reviews})

by(people) := reviewed([sample.approved_by(person) | some person in people])

missing(asks, document, people) := found if {
	found := {lacking.role: lacking.count | some lacking in approval.missing} with input as document
		with data.gate.rules as asking(asks)
		with data.gate.data.people as people
		with data.gate.lib.review.speaking as set()
}

valid(document) := found if {
	found := approval.valid with input as document
		with data.gate.data.people as sample.people
		with data.gate.lib.review.speaking as set()
}

payments := "team:team-payments"

test_what_several_rules_ask_of_a_role_merges_to_the_highest if {
	asks := {"a": one_of(payments), "b": two_of(payments), "c": two_of(payments), "d": one_of("role:senior")}
	required := approval.required with data.gate.rules as asking(asks)
	required == [
		{"role": "role:senior", "count": 1, "rule": "area/d"},
		{"role": payments, "count": 2, "rule": "area/b"},
	]
}

test_what_cannot_be_counted_is_not_sound if {
	approval.sound with data.gate.rules as asking({"a": one_of("role:x")})
	approval.sound with data.gate.rules as {}
	every ask in [{"role": "role:x", "count": "2"}, {"role": "role:x", "count": 0}, {"role": "role:x", "count": 1.5}, {"count": 1}, {"role": 1, "count": 1}, {"role": "role:x"}] {
		not approval.sound with data.gate.rules as asking({"a": {ask}})
	}
}

test_an_approval_of_a_known_person_counts if valid(by(["alice"])) == {"alice"}

test_a_persons_own_approval_does_not_count if {
	own := object.union(sample.approved_by("alice"), {"author": true})
	valid(reviewed([own])) == set()
	proposed := object.union(by(["alice"]), {"proposer": {"id": "alice", "kind": "person"}})
	valid(proposed) == set()
}

test_only_what_was_seen_is_approved if {
	every flaw in [
		{"head_matches": false}, {"action_matches": false}, {"kind": "bot"}, {"kind": "agent"},
		{"state": "commented"}, {"state": "dismissed"}, {"state": "rejected"}, {"approver": "mallory"},
	] {
		valid(reviewed([object.union(sample.approved_by("alice"), flaw)])) == set()
	}
}

test_an_approval_counts_up_to_its_lifetime if {
	valid(reviewed([object.union(sample.approved_by("alice"), {"age_seconds": 14400})])) == {"alice"}
	valid(reviewed([object.union(sample.approved_by("alice"), {"age_seconds": 14401})])) == set()
}

test_an_approval_with_any_field_absent_does_not_count if {
	every field in object.keys(sample.approved_by("alice")) {
		valid(reviewed([object.remove(sample.approved_by("alice"), [field])])) == set()
	}
}

test_no_approval_counts_without_the_data_it_is_measured_by if {
	found := approval.valid with input as by(["alice"]) with data.gate.data as {"people": sample.people}
	found == set()
	unknown := approval.valid with input as by(["alice"]) with data.gate.data.people as {}
	unknown == set()
	nameless := approval.valid with input as json.remove(by(["alice"]), ["proposer/id"])
		with data.gate.data.people as sample.people
	nameless == set()
}

test_a_later_rejection_or_dismissal_takes_an_approval_back if {
	every state in ["rejected", "dismissed"] {
		later := object.union(sample.approved_by("alice"), {"state": state})
		valid(reviewed([sample.approved_by("alice"), later])) == set()
		valid(reviewed([later, sample.approved_by("alice")])) == {"alice"}
		valid(reviewed([sample.approved_by("bob"), later])) == {"bob"}
	}
}

test_a_further_approval_never_takes_an_earlier_one_away if {
	stale := object.union(sample.approved_by("alice"), {"head_matches": false})
	valid(reviewed([sample.approved_by("alice"), stale])) == {"alice"}
}

rejecting(document) := found if {
	found := approval.rejecting with input as document
		with data.gate.data.people as sample.people
		with data.gate.lib.review.speaking as set()
}

no_by_alice := object.union(sample.approved_by("alice"), {"state": "rejected"})

test_a_rejection_stands_until_its_author_reconsiders if {
	rejecting(reviewed([no_by_alice])) == {"alice"}
	rejecting(reviewed([no_by_alice, sample.approved_by("bob")])) == {"alice"}
	rejecting(reviewed([no_by_alice, sample.approved_by("alice")])) == set()
	rejecting(reviewed([no_by_alice, object.union(no_by_alice, {"state": "dismissed"})])) == set()
	rejecting(reviewed([sample.approved_by("alice"), no_by_alice])) == {"alice"}
}

test_an_approval_that_does_not_count_does_not_end_a_rejection if {
	stale := object.union(sample.approved_by("alice"), {"head_matches": false})
	rejecting(reviewed([no_by_alice, stale])) == {"alice"}
}

test_nothing_else_ends_a_rejection if {
	comment := object.union(no_by_alice, {"state": "commented"})
	dismissed := object.union(no_by_alice, {"state": "dismissed"})
	rejecting(reviewed([no_by_alice, comment])) == {"alice"}
	rejecting(reviewed([dismissed, no_by_alice])) == {"alice"}
	rejecting(reviewed([no_by_alice, object.union(dismissed, {"approver": "bob"})])) == {"alice"}
}

test_only_people_reject if rejecting(reviewed([object.union(no_by_alice, {"kind": "bot"})])) == set()

test_roles_are_teams_and_roles if {
	every held in [["alice", payments], ["dana", "role:senior"], ["erin", "role:admin"]] {
		approval.holds(held[0], held[1]) with data.gate.data.people as sample.people
	}
	every not_held in [["alice", "role:team-payments"], ["dana", "team:senior"], ["mallory", payments], ["alice", ""]] {
		not approval.holds(not_held[0], not_held[1]) with data.gate.data.people as sample.people
	}
}

member := object.union(sample.approved_by("github:7"), {"teams": ["github:acme/payments"]})

forge_teams := {"github:acme/payments": {"teams": ["team-payments"], "roles": ["senior"]}}

test_a_team_of_the_forge_carries_what_the_data_maps_it_to if {
	every role in [payments, "role:senior"] {
		approval.holds("github:7", role) with input as reviewed([member]) with data.gate.data.forge_teams as forge_teams
	}
	not approval.holds("github:7", "role:admin") with input as reviewed([member])
		with data.gate.data.forge_teams as forge_teams
	not approval.holds("github:7", payments) with input as reviewed([member]) with data.gate.data.forge_teams as {}
	not approval.holds("github:8", payments) with input as reviewed([member])
		with data.gate.data.forge_teams as forge_teams
}

told(reviews) := found if {
	found := [[one.approver, one.counts, one.because] | some one in approval.reviews] with input as reviewed(reviews)
		with data.gate.rules as asking({"a": one_of(payments)})
		with data.gate.data.people as sample.people
		with data.gate.lib.review.speaking as set()
}

test_each_review_is_told_with_what_it_is_worth if {
	told([]) == []
	told([sample.approved_by("alice")]) == [["alice", true, "it counts"]]
	told([sample.approved_by("dana")]) == [["dana", false, "nobody asks for a team or role of theirs"]]
	told([sample.approved_by("alice"), no_by_alice]) == [
		["alice", false, "it was taken back"],
		["alice", true, "it is a no that stands"],
	]
	told([object.union(no_by_alice, {"approver": "dana"})]) == [["dana", false, "it is a no of somebody who isn't asked"]]
	told([no_by_alice, object.union(no_by_alice, {"state": "dismissed"})])[0] == ["alice", false, "it is no approval"]
	told([object.union(sample.approved_by("alice"), {"edited": true})]) == [["alice", false, "its text was changed afterwards"]]
}

test_what_is_there_and_what_is_missing_add_up_to_what_is_required if {
	asks := {"a": two_of(payments)}
	missing(asks, by([]), sample.people) == {payments: 2}
	missing(asks, by(["alice"]), sample.people) == {payments: 1}
	missing(asks, by(["alice", "alice"]), sample.people) == {payments: 1}
	missing(asks, by(["alice", "bob"]), sample.people) == {}
	satisfied := approval.satisfied with input as by(["alice"])
		with data.gate.rules as asking(asks)
		with data.gate.data.people as sample.people
		with data.gate.lib.review.speaking as set()
	satisfied == [{"role": payments, "count": 1, "rule": "area/a", "by": ["alice"]}]
}

test_a_role_nobody_approved_for_is_not_told_as_satisfied if {
	satisfied := approval.satisfied with input as by([])
		with data.gate.rules as asking({"a": two_of(payments)})
		with data.gate.data.people as sample.people
	satisfied == []
}

test_nothing_required_is_nothing_missing if missing({}, by([]), sample.people) == {}

many := {
	"alice": {"teams": ["a", "b"], "roles": []},
	"bob": {"teams": ["a"], "roles": []},
	"carol": {"teams": ["b", "c"], "roles": []},
	"dana": {"teams": ["a", "b", "c"], "roles": []},
}

abc := {"a": one_of("team:a"), "b": one_of("team:b"), "c": one_of("team:c")}

test_one_person_fills_one_place_only if {
	missing(abc, by(["dana"]), many) == {"team:b": 1, "team:c": 1}
	missing(abc, by(["alice", "dana"]), many) == {"team:c": 1}
	missing({"a": one_of("team:a"), "b": one_of("team:b")}, by(["alice"]), many) == {"team:b": 1}
}

test_an_overlap_is_found_although_each_role_alone_is_met if {
	asks := {"a": two_of("team:a"), "b": one_of("team:b"), "c": one_of("team:c")}
	missing(asks, by(["alice", "carol", "dana"]), many) == {"team:c": 1}
	missing(asks, by(["alice", "bob", "carol", "dana"]), many) == {}
}

test_nobody_is_wasted_where_distinct_people_exist if {
	missing(abc, by(["dana", "carol", "alice"]), many) == {}
	missing(abc, by(["bob", "carol", "dana"]), many) == {}
	missing({"a": two_of("team:a"), "b": one_of("team:b")}, by(["alice", "bob", "carol"]), many) == {}
}
