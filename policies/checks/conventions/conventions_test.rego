package checks.conventions_test

import rego.v2

import data.checks.conventions

words := {
	"scope": "package",
	"title": "it is frozen",
	"description": "Frozen lets nothing through.",
	"custom": {"remedy": "Wait", "severity": "critical", "exceptable": false},
	"schemas": [{
		"path": [{"type": "var", "value": "input"}],
		"schema": [{"type": "var", "value": "schema"}, {"type": "string", "value": "input"}],
	}],
}

annotated(area, name, said) := {
	"annotations": said,
	"location": {"file": $"policies/rego/gate/rules/{area}/{name}/{name}.rego", "row": 1, "col": 1},
	"path": [
		{"type": "var", "value": "data"}, {"type": "string", "value": "gate"}, {"type": "string", "value": "rules"},
		{"type": "string", "value": area}, {"type": "string", "value": name},
	],
}

tree := {
	"manifest": {"roots": ["gate"], "rego_version": 2},
	"namespaces": {
		"data.gate.decision": ["policies/rego/gate/decision/decision.rego"],
		"data.gate.data.tiers": ["policies/rego/gate/data/tiers/data.yaml"],
		"data.gate.rules.switch.frozen": ["policies/rego/gate/rules/switch/frozen/frozen.rego"],
		"data.gate.rules.switch.frozen_test": ["policies/rego/gate/rules/switch/frozen/frozen_test.rego"],
	},
	"annotations": [annotated("switch", "frozen", words)],
	"capabilities": {"builtins": [{"name": "count"}]},
}

refusals(inspected) := found if {
	found := conventions.deny with input as inspected
}

with_files(namespaces) := object.union(tree, {"namespaces": namespaces})

saying(said) := object.union(tree, {"annotations": [annotated("switch", "frozen", said)]})

frozen := "data.gate.rules.switch.frozen"

test_a_tree_by_the_conventions_is_not_refused if refusals(tree) == set()

test_a_tree_without_rules_is_refused if {
	refusals({"manifest": {"rego_version": 2}}) == {"no rule was found below gate/rules"}
}

test_a_manifest_without_the_version_that_closes_negation_is_refused if {
	count(refusals(json.remove(tree, ["manifest/rego_version"]))) == 1
	count(refusals(object.union(tree, {"manifest": {"rego_version": 1}}))) == 1
}

test_a_rule_at_another_depth_is_refused if {
	refusals(with_files({"data.gate.rules.deep.er.rule": ["x/rules/deep/er/rule/rule.rego"]})) == {
		"data.gate.rules.deep.er.rule isn't two steps below gate/rules, as area and rule",
	}
	refusals(with_files({"data.gate.rules.flat": ["x/rules/flat/flat.rego"]})) == {
		"data.gate.rules.flat isn't two steps below gate/rules, as area and rule",
	}
}

test_a_rule_in_another_file_is_refused if {
	refusals(with_files({frozen: ["policies/rego/gate/rules/switch/frozen/rule.rego"]})) == {
		"data.gate.rules.switch.frozen has no file of its own name, rules/switch/frozen/frozen.rego",
	}
}

test_a_rule_of_two_files_is_refused if {
	two := array.concat(tree.namespaces[frozen], ["policies/rego/gate/rules/switch/frozen/more.rego"])
	refusals(with_files({frozen: two})) == {"data.gate.rules.switch.frozen is more than one file"}
}

test_a_rule_without_a_test_is_refused if {
	refusals(object.union(
		object.remove(tree, ["namespaces"]),
		{"namespaces": object.remove(tree.namespaces, ["data.gate.rules.switch.frozen_test"])},
	)) == {"data.gate.rules.switch.frozen has no test package data.gate.rules.switch.frozen_test"}
}

test_a_test_without_a_rule_is_refused if {
	refusals(with_files({"data.gate.rules.switch.gone_test": ["x/rules/switch/gone/gone_test.rego"]})) == {
		"data.gate.rules.switch.gone_test tests no rule of its name",
	}
}

test_a_rule_has_to_say_everything_of_itself if {
	every path in ["title", "description", "custom/remedy", "custom/severity", "custom/exceptable", "schemas"] {
		count(refusals(saying(json.remove(words, [path])))) == 1
	}
	every said in [
		{"title": " "}, {"description": ""}, {"custom": {"remedy": 1}}, {"custom": {"severity": "high"}},
		{"custom": {"exceptable": "no"}}, {"schemas": []},
	] {
		count(refusals(saying(object.union(words, said)))) == 1
	}
	count(refusals(object.union(tree, {"annotations": []}))) == 6
	count(refusals(saying(object.union(words, {"scope": "rule"})))) == 6
}

test_two_rules_of_one_title_are_refused if {
	twice := object.union(
		with_files({
			"data.gate.rules.switch.melted": ["x/rules/switch/melted/melted.rego"],
			"data.gate.rules.switch.melted_test": ["x/rules/switch/melted/melted_test.rego"],
		}),
		{"annotations": [annotated("switch", "frozen", words), annotated("switch", "melted", words)]},
	)
	refusals(twice) == {"data.gate.rules.switch.frozen and data.gate.rules.switch.melted have the same title"}
}

test_annotations_for_every_rule_below_are_refused if {
	above := array.concat(tree.annotations, [object.union(
		annotated("switch", "frozen", {}),
		{"annotations": {"scope": "subpackages", "title": "x"}},
	)])
	count(refusals(object.union(tree, {"annotations": above}))) == 1
}

test_data_that_a_bundle_leaves_out_is_refused if {
	refusals(with_files({"data.gate.data.rates": ["policies/rego/gate/data/rates/rates.yaml"]})) == {
		"policies/rego/gate/data/rates/rates.yaml isn't named data.yaml, so a bundle leaves it out",
	}
	refusals(with_files({"data.gate.data.rates.more": ["policies/rego/gate/data/rates/more/data.yaml"]})) == {
		"data.gate.data.rates.more isn't one step below gate/data",
	}
}

test_a_builtin_that_wasm_lacks_is_refused if {
	printing := object.union(tree, {"capabilities": {"builtins": [{"name": "count"}, {"name": "sprintf"}]}})
	refusals(printing) == {"sprintf isn't native in Wasm; write a template string"}
}
