package gate.lib.infrastructure_test

import rego.v2

import data.gate.lib.infrastructure
import data.gate.lib.sample_test as sample

test_each_action_of_each_resource_is_a_change if {
	found := infrastructure.changes with input as sample.planning({
		"create": ["aws_instance aws_instance.web"],
		"destroy": ["aws_iam_role module.a.aws_iam_role.b[\"c\"]"],
	})
	found == {
		{"action": "create", "type": "aws_instance", "resource": "aws_instance aws_instance.web"},
		{
			"action": "destroy",
			"type": "aws_iam_role",
			"resource": "aws_iam_role module.a.aws_iam_role.b[\"c\"]",
		},
	}
}

test_another_kind_of_action_has_none if {
	found := infrastructure.changes with input as sample.changed({"action": {"params": {"create": ["x y"]}}})
	count(found) == 0
}

test_a_type_is_in_the_classes_its_name_begins_like if {
	infrastructure.classes("aws_iam_role_policy") == {"access"}
	infrastructure.classes("aws_security_group_rule") == {"network"}
	infrastructure.classes("aws_db_instance") == {"data_store"}
	infrastructure.classes("aws_instance") == set()
}

test_only_a_listed_type_is_ordinary if {
	infrastructure.ordinary("aws_instance")
	not infrastructure.ordinary("null_resource")
	not infrastructure.ordinary("")
}
