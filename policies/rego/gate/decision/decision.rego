# METADATA
# title: The decision
# description: >-
#   The one entrypoint. It knows no rule by name: whatever stands under data.gate.rules is asked. Anything it can't
#   work out is a refusal.
package gate.decision

import rego.v2

import data.gate.lib.approval
import data.gate.lib.exception
import data.gate.lib.tier

# METADATA
# entrypoint: true
verdict := {
	"outcome": outcome,
	"tier": tier.value,
	"risk": tier.risk,
	"mode": mode,
	"violations": violations,
	"approvals": {"required": approval.required, "satisfied": approval.satisfied, "missing": approval.missing},
	"obligations": sort({name | some name in data.gate.rules[_][_].obligation}),
	"path_to_allow": array.concat(remedies, requests),
	"rules": results,
	"exceptions": exceptions,
	"reviews": approval.reviews,
	"ttl_seconds": ttl_seconds,
}

default outcome := "deny"

outcome := "require_approval" if {
	permitted
	count(approval.missing) > 0
}

outcome := "allow" if {
	permitted
	count(approval.missing) == 0
}

permitted if {
	count(abouts) > 0
	approval.sound
	count(violations) == 0
}

abouts := {id: about |
	some area, name
	about := data.gate.rules[area][name].about
	id := concat("/", [area, name])
}

refusals := {id: messages |
	some area, name
	messages := data.gate.rules[area][name].deny
	count(messages) > 0
	id := concat("/", [area, name])
}

asking := {id: asked |
	some area, name
	asks := data.gate.rules[area][name].approval
	count(asks) > 0
	asked := {$"{ask.count} of {ask.role}" | some ask in asks}
	id := concat("/", [area, name])
}

raising := {id: reasons |
	some area, name
	raises := data.gate.rules[area][name].tier
	reasons := {raise.because | some raise in raises; raise.tier > 0}
	count(reasons) > 0
	id := concat("/", [area, name])
}

# METADATA
# title: Rules whose refusal an exception sets aside, with the exceptions that do
excepted := {id: used |
	some id, _ in refusals
	object.get(abouts, [id, "exceptable"], false) == true
	used := exception.setting_aside(id)
	count(used) > 0
}

violations := [violation |
	some entry in sort({[id, message] | some id, messages in refusals; not excepted[id]; some message in messages})
	violation := {
		"rule": entry[0],
		"message": entry[1],
		"remedy": object.get(abouts, [entry[0], "remedy"], "Ask the platform team"),
		"severity": object.get(abouts, [entry[0], "severity"], "critical"),
	}
]

exceptions := [used |
	some entry in sort({[id, rule] | some rule, ids in excepted; some id in ids})
	about := data.gate.data.exceptions.entries[entry[0]]
	used := {"id": entry[0], "rule": entry[1], "ticket": about.ticket, "expires": about.expires}
]

default mode := "advise"

mode := "shadow" if {
	"shadow" in modes
} else := "advise" if {
	"advise" in modes
} else := "enforce" if {
	"enforce" in modes
}

modes contains said if some said in data.gate.rules[_][_].mode

# METADATA
# title: The remedies of what refused, the gravest first, each said once
remedies := [step[2] |
	some position, step in steps
	every earlier in array.slice(steps, 0, position) {
		earlier[2] != step[2]
	}
]

steps := sort({[gravity, violation.rule, violation.remedy] |
	some violation in violations
	gravity := object.get({"critical": 0, "error": 1}, violation.severity, 2)
})

requests := [$"Get {lacking.count} more approval from {lacking.role}" | some lacking in approval.missing]

default ttl_seconds := 1

ttl_seconds := seconds if {
	seconds := data.gate.data.approvals.decision_seconds[tier.risk]
	seconds >= 1
}

results := [result |
	some id in sort(object.keys(abouts))
	result := {"rule": id, "title": abouts[id].title, "status": status(id), "message": said(id)}
]

status(id) := "excepted" if {
	excepted[id]
} else := "refused" if {
	refusals[id]
} else := "asks" if {
	asking[id]
} else := "raised" if {
	raising[id]
} else := "passed"

said(id) := concat("; ", sort(refusals[id])) if {
	refusals[id]
} else := concat("; ", sort(asking[id])) if {
	asking[id]
} else := concat("; ", sort(raising[id])) if {
	raising[id]
} else := ""
