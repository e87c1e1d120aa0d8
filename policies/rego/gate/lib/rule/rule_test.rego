package gate.lib.rule_test

import rego.v2

import data.gate.lib.rule

test_a_rule_says_of_itself_what_its_annotations_say if {
	chain := [
		{"path": ["about"]},
		{"path": [], "annotations": {
			"title": "t",
			"custom": {"remedy": "r", "severity": "warning", "exceptable": true},
		}},
	]
	rule.about(chain) == {"title": "t", "remedy": "r", "severity": "warning", "exceptable": true}
}

test_missing_annotations_never_make_a_rule_undefined if {
	silent := {"title": "", "remedy": "Ask the platform team", "severity": "critical", "exceptable": false}
	rule.about([]) == silent
	rule.about([{"path": ["about"]}]) == silent
	rule.about([{"path": [], "annotations": {"title": ""}}]) == silent
}
