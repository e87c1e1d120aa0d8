# METADATA
# title: Reviews
# description: >-
#   Whether one review counts, and why not. It counts only where everything about it is known and as it should be; a
#   sentence is found for the first thing that isn't.
package gate.lib.review

import rego.v2

# METADATA
# title: The rules that ask for people or raise the tier now
# description: A review that was given when others did was given for something else.
speaking contains concat("/", [area, name]) if {
	some area, name
	count(data.gate.rules[area][name].approval) > 0
}

speaking contains concat("/", [area, name]) if {
	some area, name
	some raise in data.gate.rules[area][name].tier
	raise.tier > 0
}

# METADATA
# title: Whether a review is an approval that counts, but for what its author said later
counts(review) if {
	review.state == "approved"
	review.kind == "person"
	known(review.approver)
	not proposed(review)
	told_apart(review.approver)
	review.wrote == false
	review.edited == false
	is_array(review.teams)
	shown(review)
	unchanged(review)
	review.age_seconds <= data.gate.data.approvals.lifetime_seconds
}

# METADATA
# title: Whether the policy data knows a person, by account id or by a team of the forge
known(person) if is_object(data.gate.data.people[person])

known(person) if {
	some team in teams(person)
	is_object(data.gate.data.forge_teams[team])
}

# METADATA
# title: The forge's teams of a person, as the forge tells them with their reviews
teams(person) := {team |
	some review in input.approvals
	review.approver == person
	review.kind == "person"
	some team in review.teams
}

# METADATA
# title: Why an approval doesn't count, in a sentence
flaw(review) := "it is no approval" if {
	not review.state == "approved"
} else := "it is not by a person" if {
	not review.kind == "person"
} else := "policy doesn't know who gave it" if {
	not known(review.approver)
} else := "who proposed it can't approve it" if {
	proposed(review)
} else := "policy doesn't say which account its proposer has" if {
	not told_apart(review.approver)
} else := "who wrote a commit of the branch can't approve it" if {
	review.wrote == true
} else := "a commit of the branch is by somebody whom nobody knows" if {
	not review.wrote == false
} else := "its text was changed afterwards" if {
	not review.edited == false
} else := "it was given before a decision was shown" if {
	not shown(review)
} else := "it was given for another state of the branch" if {
	not review.head_matches == true
} else := "it was given for another base branch" if {
	not review.base_matches == true
} else := "it was given for another action" if {
	not review.action_matches == true
} else := "it was given for other edits" if {
	not review.change_matches == true
} else := "other rules asked when it was given" if {
	not same_rules(review)
} else := "it is too old" if {
	review.age_seconds > data.gate.data.approvals.lifetime_seconds
} else := "something about it isn't known"

# Closed the other way round: unless it is known that who gave it neither opened nor proposed it, they did.
proposed(review) if not review.author == false

proposed(_) if not is_string(input.proposer.id)

proposed(review) if input.proposer.id == review.approver

proposed(review) if input.proposer.id in data.gate.data.people[review.approver].names

# A person who proposes by another name than the forge's could approve their own proposal under the forge's.
told_apart(_) if {
	is_string(input.proposer.kind)
	input.proposer.kind != "person"
}

told_apart(person) if realm(person) == realm(input.proposer.id)

told_apart(_) if {
	some about in data.gate.data.people
	input.proposer.id in about.names
}

realm(id) := split(id, ":")[0] if contains(id, ":")

realm(id) := "" if not contains(id, ":")

shown(review) if {
	is_string(review.policy_revision)
	review.policy_revision != ""
}

unchanged(review) if {
	review.head_matches == true
	review.base_matches == true
	review.action_matches == true
	review.change_matches == true
	same_rules(review)
}

same_rules(review) if {
	is_array(review.rules)
	{rule | some rule in review.rules} == speaking
}
