# METADATA
# title: Approvals
# description: >-
#   What the rules ask for, whose word counts, and what is still missing. Counting is exact: one person fills one
#   place only, whatever roles they hold, and the order of reviews or rules changes nothing.
package gate.lib.approval

import rego.v2

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
#   A person the data knows, neither the author nor the proposer, who saw this head and this action, not too long
#   ago, and hasn't taken it back since. A further approval never takes an earlier one away.
valid contains approval.approver if {
	some position, approval in input.approvals
	approval.state == "approved"
	counts(approval)
	not taken_back(approval.approver, position)
}

# METADATA
# title: People who rejected and haven't taken that back by a dismissal or by an approval that counts
rejecting contains review.approver if {
	some position, review in input.approvals
	review.state == "rejected"
	review.kind == "person"
	not reconsidered(review.approver, position)
}

# METADATA
# title: Whether a person holds a role, written team:x or role:x
holds(person, role) if {
	some team in data.gate.data.people[person].teams
	role == $"team:{team}"
}

holds(person, role) if {
	some held in data.gate.data.people[person].roles
	role == $"role:{held}"
}

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

counts(approval) if {
	approval.kind == "person"
	approval.author == false
	approval.head_matches == true
	approval.action_matches == true
	approval.age_seconds <= data.gate.data.approvals.lifetime_seconds
	approval.approver != input.proposer.id
	is_object(data.gate.data.people[approval.approver])
}

taken_back(person, position) if {
	some later, review in input.approvals
	later > position
	review.approver == person
	review.state in {"rejected", "dismissed"}
}

reconsidered(person, position) if {
	some later, review in input.approvals
	later > position
	review.approver == person
	review.state == "dismissed"
}

reconsidered(person, position) if {
	some later, review in input.approvals
	later > position
	review.approver == person
	review.state == "approved"
	counts(review)
}

eligible := [{person | some person in valid; holds(person, asked.role)} | some asked in required]

# Places that distinct people can fill. The most that any assignment fills among the first n roles is the least, over
# all sets of those roles, of (people eligible for one in the set) plus (places of the roles outside it); what a role
# adds to the roles before it is its share. This is Hall's theorem, so nobody is counted twice and nobody is wasted.
filled := [added |
	some place, _ in required
	added := fillable(place + 1) - fillable(place)
]

fillable(roles) := min({places |
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
}) if {
	roles > 0
}

else := 0

in_set(chosen, place) if bits.and(bits.rsh(chosen, place), 1) == 1
