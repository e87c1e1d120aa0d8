package gate.rules.terraform.loses_data_test

import rego.v2

import data.gate.lib.sample_test as sample
import data.gate.rules.terraform.loses_data

refused(changes) := found if {
	found := loses_data.deny with input as sample.planning(changes)
}

test_a_store_that_would_go_is_refused if {
	refused({"replace": ["aws_db_instance aws_db_instance.main"]}) == {
		"it would replace aws_db_instance aws_db_instance.main, which keeps data",
	}
	every action in ["destroy", "forget", "invoke"] {
		count(refused({action: ["aws_s3_bucket aws_s3_bucket.logs"]})) == 1
	}
}

test_a_store_that_stays_passes if {
	every action in ["create", "update", "adopt", "move"] {
		count(refused({action: ["aws_db_instance aws_db_instance.main"]})) == 0
	}
}

test_what_keeps_nothing_passes if count(refused({"destroy": ["aws_iam_role aws_iam_role.ci"]})) == 0

test_a_class_that_doesn_t_say_keeps_data if {
	found := loses_data.deny with input as sample.planning({"destroy": ["x_y x_y.z"]})
		with data.gate.data.terraform.classes as {"odd": {"types": ["x_"]}}
	count(found) == 1
}

test_the_classes_are_declared_as_needed if count(loses_data.needs) == 1
