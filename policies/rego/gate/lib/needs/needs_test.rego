package gate.lib.needs_test

import rego.v2

import data.gate.lib.needs

unmet(need, given) if {
	needs.unmet == {need} with data.gate.rules as {"area": {"rule": {"needs": {need}}}} with data.gate.data as given
}

limit := {"path": ["rates", "limit"], "type": "number", "minimum": 5}

test_data_that_is_there_and_large_enough_is_provided if {
	not unmet(limit, {"rates": {"limit": 5}})
	not unmet({"path": ["a"], "type": "array"}, {"a": []})
	not unmet({"path": ["a"], "type": "object", "minimum": 1}, {"a": {"b": 1}})
	not unmet({"path": ["a"], "type": "string"}, {"a": "x"})
	not unmet({"path": ["a"], "type": "boolean"}, {"a": false})
}

test_data_that_is_absent_or_too_small_or_of_another_type_is_not if {
	every given in [{}, {"rates": {}}, {"rates": null}, {"rates": {"limit": 4}}, {"rates": {"limit": "5"}}, {"rates": {"limit": null}}] {
		unmet(limit, given)
	}
	unmet({"path": ["a"], "type": "object", "minimum": 1}, {"a": {}})
	unmet({"path": ["a"], "type": "array", "minimum": 1}, {"a": []})
	unmet({"path": ["a"], "type": "string"}, {"a": 1})
}

test_a_need_that_cannot_be_read_is_not_met if {
	unmet({"path": ["a"]}, {"a": 1})
	unmet({"type": "number"}, {"a": 1})
	unmet({"path": ["a"], "type": "null"}, {"a": null})
}

test_a_limit_is_positive_unless_its_rule_says_otherwise if {
	unmet({"path": ["a"], "type": "number"}, {"a": 0})
	not unmet({"path": ["a"], "type": "number", "minimum": 0}, {"a": 0})
}

test_the_needs_of_all_rules_are_gathered if {
	text := {"path": ["a"], "type": "string"}
	found := needs.declared with data.gate.rules as {
		"area": {"one": {"needs": {limit}}, "none": {}},
		"other": {"two": {"needs": {limit, text}}},
	}
	{need | some need in found} == {limit, text}
}
