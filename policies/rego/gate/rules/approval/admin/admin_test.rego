package gate.rules.approval.admin_test

import rego.v2

import data.gate.lib.sample_test as sample
import data.gate.rules.approval.admin

asked(document) := found if {
	found := admin.approval with input as document
}

test_the_kinds_of_the_data_want_one if asked(sample.acting("change_rbac")) == {{"role": "role:admin", "count": 1}}

test_other_kinds_do_not if asked(sample.allowed) == set()

test_a_nameless_kind_is_left_to_the_contract if asked(sample.without(["action", "kind"])) == set()

test_role_and_kinds_are_declared_as_needed if count(admin.needs) == 2
