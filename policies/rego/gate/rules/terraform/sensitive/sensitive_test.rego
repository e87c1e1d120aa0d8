package gate.rules.terraform.sensitive_test

import rego.v2

import data.gate.lib.sample_test as sample
import data.gate.rules.terraform.sensitive

raised(changes) := found if {
	found := sensitive.tier with input as sample.planning(changes)
}

test_each_class_raises_to_its_tier_and_names_the_resource if {
	raised({"update": ["aws_iam_role aws_iam_role.ci"]}) == {{
		"tier": 3,
		"because": "access: update aws_iam_role aws_iam_role.ci",
	}}
	count(raised({"create": ["aws_security_group aws_security_group.web"]})) == 1
	count(raised({"adopt": ["aws_db_instance aws_db_instance.main"]})) == 1
}

test_an_ordinary_type_raises_nothing if count(raised({"create": ["aws_instance aws_instance.web"]})) == 0

test_no_change_raises_nothing if count(raised({})) == 0

test_a_class_without_a_tier_is_advanced if {
	found := sensitive.tier with input as sample.planning({"create": ["x_y x_y.z"]})
		with data.gate.data.terraform.classes as {"odd": {"types": ["x_"]}}
	{level.tier | some level in found} == {3}
}

test_the_classes_are_declared_as_needed if count(sensitive.needs) == 1
