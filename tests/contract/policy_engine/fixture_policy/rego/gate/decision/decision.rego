package gate.decision

import rego.v2

# METADATA
# entrypoint: true
verdict := object.union(object.remove(whole, removed), added) if object.get(input, "please", "") != "stay undefined"

removed contains "tier" if input.please == "leave something out"

added["surprise"] := 1 if input.please == "add something"

added["tier"] := "1" if input.please == "mistype something"

added["obligations"] := [$"{count(pairs)}"] if input.please == "take for ever"

pairs contains [x, y, z] if {
	some x in numbers.range(1, 2000)
	some y in numbers.range(1, 2000)
	some z in numbers.range(1, 2000)
}

whole := {
	"outcome": outcome,
	"tier": 1,
	"risk": "safe",
	"mode": "enforce",
	"violations": [violation |
		some message in sort([said | some said in data.gate.rules[_][_].deny])
		violation := {"rule": "blast/pods", "message": message, "remedy": "Ask for less", "severity": "error"}
	],
	"approvals": {"required": [], "satisfied": [], "missing": []},
	"obligations": sort(object.get(input, "obligations", [])),
	"path_to_allow": [],
	"rules": [],
	"exceptions": [],
	"ttl_seconds": 60,
}

default outcome := "deny"

outcome := "allow" if count([said | some said in data.gate.rules[_][_].deny]) == 0
