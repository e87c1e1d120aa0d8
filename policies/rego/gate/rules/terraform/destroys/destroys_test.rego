package gate.rules.terraform.destroys_test

import rego.v2

import data.gate.lib.sample_test as sample
import data.gate.rules.terraform.destroys

raised(changes) := found if {
	found := destroys.tier with input as sample.planning(changes)
}

test_each_way_of_taking_away_is_advanced if {
	every action in ["destroy", "replace", "forget", "invoke"] {
		raised({action: ["aws_instance aws_instance.web"]}) == {{
			"tier": 3,
			"because": $"{action} aws_instance aws_instance.web",
		}}
	}
}

test_what_only_adds_or_alters_raises_nothing if {
	every action in ["create", "update", "adopt", "move"] {
		count(raised({action: ["aws_instance aws_instance.web"]})) == 0
	}
}
