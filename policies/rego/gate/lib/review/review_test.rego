package gate.lib.review_test

import rego.v2

import data.gate.lib.review
import data.gate.lib.sample_test as sample

by_alice := sample.approved_by("alice")

counted(given) if counted_in({}, given)

counted_in(fields, given) if {
	review.counts(given) with input as object.union(sample.changed({"approvals": [given]}), fields)
		with data.gate.data.people as sample.people
		with data.gate.lib.review.speaking as set()
}

flaw(given) := flaw_in({}, given)

flaw_in(fields, given) := found if {
	found := review.flaw(given) with input as object.union(sample.changed({"approvals": [given]}), fields)
		with data.gate.data.people as sample.people
		with data.gate.lib.review.speaking as set()
}

but(flawed) := object.union(by_alice, flawed)

flaws := [
	[{"state": "commented"}, "it is no approval"],
	[{"kind": "bot"}, "it is not by a person"],
	[{"kind": "agent"}, "it is not by a person"],
	[{"approver": "mallory"}, "policy doesn't know who gave it"],
	[{"author": true}, "who proposed it can't approve it"],
	[{"wrote": true}, "who wrote a commit of the branch can't approve it"],
	[{"wrote": null}, "a commit of the branch is by somebody whom nobody knows"],
	[{"edited": true}, "its text was changed afterwards"],
	[{"policy_revision": ""}, "it was given before a decision was shown"],
	[{"head_matches": false}, "it was given for another state of the branch"],
	[{"base_matches": false}, "it was given for another base branch"],
	[{"action_matches": false}, "it was given for another action"],
	[{"change_matches": false}, "it was given for other edits"],
	[{"rules": ["tier/base"]}, "other rules asked when it was given"],
	[{"age_seconds": 14401}, "it is too old"],
]

test_one_that_is_as_it_should_be_counts if counted(by_alice)

test_each_flaw_alone_is_enough_and_is_told if {
	every entry in flaws {
		not counted(but(entry[0]))
		flaw(but(entry[0])) == entry[1]
	}
}

test_whatever_is_absent_or_odd_does_not_count if {
	every field in object.keys(by_alice) {
		not counted(object.remove(by_alice, [field]))
		not counted(but({field: {}}))
		is_string(flaw(object.remove(by_alice, [field])))
	}
	flaw(object.remove(by_alice, ["teams"])) == "something about it isn't known"
}

test_the_set_of_rules_counts_and_not_their_order if {
	found := review.counts(but({"rules": ["b/b", "a/a"]})) with input as sample.changed({"approvals": [by_alice]})
		with data.gate.data.people as sample.people
		with data.gate.lib.review.speaking as {"a/a", "b/b"}
	found
	every other in [[], ["a/a"], ["a/a", "b/b", "c/c"]] {
		not review.counts(but({"rules": other})) with input as sample.changed({"approvals": [by_alice]})
			with data.gate.data.people as sample.people
			with data.gate.lib.review.speaking as {"a/a", "b/b"}
	}
}

test_rules_speak_that_ask_or_raise if {
	rules := {"area": {
		"asks": {"approval": {{"role": "team:x", "count": 1}}},
		"raises": {"tier": {{"tier": 2, "because": "it is large"}}},
		"lies_low": {"tier": {{"tier": 0, "because": "it is nothing"}}},
		"refuses": {"deny": {"no"}},
		"is_silent": {"approval": set(), "tier": set()},
	}}
	speaking := review.speaking with data.gate.rules as rules
	speaking == {"area/asks", "area/raises"}
}

by_person(id) := {"proposer": {"id": id, "kind": "person", "authenticated": true}}

test_the_proposer_does_not_count_under_any_name if {
	not counted_in(by_person("alice"), by_alice)
	named := {"github:1": {"teams": ["team-payments"], "roles": [], "names": ["alice"]}}
	own := review.flaw(but({"approver": "github:1"})) with input as sample.changed(by_person("alice"))
		with data.gate.data.people as named
	own == "who proposed it can't approve it"
	not counted_in({"proposer": {"id": null}}, by_alice)
}

test_a_person_who_proposed_has_to_be_known_on_the_forge if {
	counted_in(by_person("bob"), by_alice)
	people := {"github:2": {"teams": ["team-payments"], "roles": []}}
	abroad := but({"approver": "github:2"})
	unknown := review.flaw(abroad) with input as sample.changed(by_person("alice")) with data.gate.data.people as people
	unknown == "policy doesn't say which account its proposer has"
	named := object.union(people, {"github:1": {"teams": [], "roles": [], "names": ["alice"]}})
	review.told_apart("github:2") with input as sample.changed(by_person("alice")) with data.gate.data.people as named
	review.told_apart("github:2") with input as sample.changed(by_person("github:5")) with data.gate.data.people as people
	not review.told_apart("github:2") with input as sample.changed(by_person("gitea:2")) with data.gate.data.people as people
	not review.told_apart("github:2") with input as {} with data.gate.data.people as people
}

test_a_member_of_a_mapped_team_is_known if {
	member := object.union(sample.approved_by("github:7"), {"teams": ["github:acme/payments"]})
	document := sample.changed({"approvals": [member]})
	mapped := {"github:acme/payments": {"teams": ["team-payments"], "roles": []}}
	review.known("github:7") with input as document with data.gate.data.forge_teams as mapped
	not review.known("github:7") with input as document with data.gate.data.forge_teams as {"github:acme/payments": null}
	not review.known("github:8") with input as document with data.gate.data.forge_teams as mapped
	bot := sample.changed({"approvals": [object.union(member, {"kind": "bot"})]})
	not review.known("github:7") with input as bot with data.gate.data.forge_teams as mapped
}
