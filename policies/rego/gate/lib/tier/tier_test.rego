package gate.lib.tier_test

import rego.v2

import data.gate.lib.tier

raises(levels) := {"area": {"rule": {"tier": {{"tier": level, "because": "x"} | some level in levels}}}}

test_the_highest_raise_counts if {
	tier.value == 2 with data.gate.rules as raises([0, 2, 1])
	tier.value == 0 with data.gate.rules as raises([0])
}

test_the_risk_follows_the_tier if {
	tier.risk == "none" with data.gate.rules as raises([0])
	tier.risk == "safe" with data.gate.rules as raises([1])
	tier.risk == "moderate" with data.gate.rules as raises([2])
	tier.risk == "advanced" with data.gate.rules as raises([3])
}

test_nobody_having_said_a_tier_is_tier_3 if {
	tier.value == 3 with data.gate.rules as {}
	tier.value == 3 with data.gate.rules as raises([])
}

test_what_is_no_tier_counts_as_3 if {
	tier.value == 3 with data.gate.rules as raises([1, "2"])
	tier.value == 3 with data.gate.rules as raises([1, 7])
	tier.value == 3 with data.gate.rules as raises([1, 1.5])
	tier.value == 3 with data.gate.rules as raises([-1])
}

test_a_kind_starts_from_its_tier if {
	tier.base("restart_workload") == 1
	tier.base("escalate") == 0
	tier.base("rollback_workload") == 2
	tier.base("delete_resource") == 3
}

test_an_unknown_kind_starts_from_3 if {
	tier.base("format_disk") == 3
	tier.base("restart_workload") == 3 with data.gate.data.tiers.kinds as {"restart_workload": "1"}
	tier.base("restart_workload") == 3 with data.gate.data as {}
}
