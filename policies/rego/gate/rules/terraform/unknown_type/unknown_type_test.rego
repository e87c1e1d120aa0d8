package gate.rules.terraform.unknown_type_test

import rego.v2

import data.gate.lib.sample_test as sample
import data.gate.rules.terraform.unknown_type

raised(changes) := found if {
	found := unknown_type.tier with input as sample.planning(changes)
}

test_a_type_that_nobody_listed_is_advanced if {
	raised({"create": ["null_resource null_resource.run"]}) == {{
		"tier": 3,
		"because": "unknown type: create null_resource null_resource.run",
	}}
}

test_what_was_looked_at_raises_nothing if {
	count(raised({"create": ["aws_instance aws_instance.web"], "update": ["aws_iam_role aws_iam_role.ci"]})) == 0
}

test_with_the_list_gone_every_type_is_unknown if {
	found := unknown_type.tier with input as sample.planning({"create": ["aws_instance aws_instance.web"]})
		with data.gate.data.terraform.ordinary as []
	count(found) == 1
}

test_the_list_is_declared_as_needed if count(unknown_type.needs) == 1
