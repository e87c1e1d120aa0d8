# METADATA
# title: Approvals
# description: >-
#   What the rules ask for, whose word counts, and what is still missing. Counting is exact: one person fills one
#   place only, whatever roles they hold, and the order of reviews or rules changes nothing.
package gate.lib.approval

import rego.v2

import data.gate.lib.matrix
import data.gate.lib.review

# METADATA
# title: One entry for each role, with the highest count any rule asks for and the rule that asks for it
required := [asked |
	some role in sort({ask.role | some ask in data.gate.rules[_][_].approval})
	asks := {[ask.count, concat("/", [area, name])] |
		some area, name
		some ask in data.gate.rules[area][name].approval
		ask.role == role
	}
	highest := max({ask[0] | some ask in asks})
	asked := {"role": role, "count": highest, "rule": min({ask[1] | some ask in asks; ask[0] == highest})}
]

# METADATA
# title: Whether everything the rules ask for can be counted
# description: A count that is not a whole number of people, or a role that is no text, would silently ask for nothing.
sound if {
	every ask in {ask | some ask in data.gate.rules[_][_].approval} {
		is_string(ask.role)
		is_number(ask.count)
		ask.count >= 1
		ask.count == round(ask.count)
	}
}

# METADATA
# title: People whose approval counts now
# description: >-
#   Whose review counts, and who hasn't taken it back since. A further approval never takes an earlier one away.
valid contains given.approver if {
	some position, given in input.approvals
	review.counts(given)
	not taken_back(given.approver, position)
}

# METADATA
# title: People who rejected and haven't taken that back by a dismissal or by an approval that counts
rejecting contains given.approver if {
	some position, given in input.approvals
	given.state == "rejected"
	given.kind == "person"
	not reconsidered(given.approver, position)
}

# METADATA
# title: Whether a person holds a role, written team:x or role:x, themselves or through a team of the forge
holds(person, role) if carries(data.gate.data.people[person], role)

holds(person, role) if {
	some team in review.teams(person)
	carries(data.gate.data.forge_teams[team], role)
}

carries(about, role) if {
	some team in about.teams
	role == $"team:{team}"
}

carries(about, role) if {
	some held in about.roles
	role == $"role:{held}"
}

# METADATA
# title: Every review, whether it counts, and why
reviews := [told |
	some position, given in input.approvals
	told := {"approver": given.approver, "counts": weight(given, position)[0], "because": weight(given, position)[1]}
]

# METADATA
# title: What of the required approvals is there, role by role
satisfied := [met |
	some place, asked in required
	filled[place] > 0
	met := {"role": asked.role, "count": filled[place], "rule": asked.rule, "by": sort(eligible[place])}
]

# METADATA
# title: What of the required approvals is missing, role by role
missing := [lacking |
	some place, asked in required
	more := asked.count - filled[place]
	more > 0
	lacking := {"role": asked.role, "count": more, "rule": asked.rule}
]

weight(given, position) := [true, "it counts"] if {
	review.counts(given)
	not taken_back(given.approver, position)
	holds_any(given.approver)
} else := [false, "nobody asks for a team or role of theirs"] if {
	review.counts(given)
	not taken_back(given.approver, position)
} else := [false, "it was taken back"] if {
	review.counts(given)
} else := [true, "it is a no that stands"] if {
	given.state == "rejected"
	given.approver in rejecting
	heard(given.approver)
} else := [false, "it is a no of somebody who isn't asked"] if {
	given.state == "rejected"
	given.approver in rejecting
} else := [false, review.flaw(given)]

holds_any(person) if {
	some asked in required
	holds(person, asked.role)
}

# METADATA
# title: Whether a person's no is heard, since they hold a required role or belong to the owning team
heard(person) if holds_any(person)

heard(person) if holds(person, matrix.owner_role)

taken_back(person, position) if {
	some later, given in input.approvals
	later > position
	given.approver == person
	given.state in {"rejected", "dismissed"}
}

reconsidered(person, position) if {
	some later, given in input.approvals
	later > position
	given.approver == person
	given.state == "dismissed"
}

reconsidered(person, position) if {
	some later, given in input.approvals
	later > position
	given.approver == person
	given.state == "approved"
	review.counts(given)
}

eligible := [{person | some person in valid; holds(person, asked.role)} | some asked in required]

# Places that distinct people can fill. The most that any assignment fills among the first n roles is the least, over
# all sets of those roles, of (people eligible for one in the set) plus (places of the roles outside it); what a role
# adds to the roles before it is its share. This is Hall's theorem, so nobody is counted twice and nobody is wasted.
filled := [added |
	some place, _ in required
	added := fillable(place + 1) - fillable(place)
]

fillable(roles) := 0 if {
	roles * count(valid) == 0
} else := min({places |
	some chosen in numbers.range(0, bits.lsh(1, roles) - 1)
	people := {person |
		some place in numbers.range(0, roles - 1)
		in_set(chosen, place)
		some person in eligible[place]
	}
	outside := [required[place].count |
		some place in numbers.range(0, roles - 1)
		not in_set(chosen, place)
	]
	places := count(people) + sum(outside)
})

in_set(chosen, place) if bits.and(bits.rsh(chosen, place), 1) == 1
