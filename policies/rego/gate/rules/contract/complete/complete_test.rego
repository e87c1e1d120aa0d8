package gate.rules.contract.complete_test

import rego.v2

import data.gate.lib.sample_test as sample
import data.gate.rules.contract.complete

names(document) := found if {
	messages := complete.deny with input as document
	found := {substring(message, 0, indexof(message, " ")) | some message in messages}
}

test_a_complete_document_is_read if {
	names(sample.allowed) == set()
	names(sample.merging) == set()
	names(sample.changed({"approvals": [sample.approved_by("alice")]})) == set()
}

test_no_document_is_refused if {
	complete.deny == {"there is no input document"} with input as null
	count(complete.deny) == 1 with input as "{}"
}

test_an_empty_document_is_refused_for_each_part if {
	names({}) == object.keys(sample.allowed)
}

fields contains path if {
	walk(sample.allowed, [path, _])
	count(path) > 0
	not [path[0], path[1]] == ["time", "zones"]
	every key in path {
		is_string(key)
	}
}

sections contains path if {
	some path in fields
	is_object(object.get(sample.allowed, path, null))
}

leaves := fields - sections

dotted(paths) := {concat(".", path) | some path in paths}

test_every_field_left_out_is_named if {
	count(leaves) > 70
	names(json.remove(sample.allowed, [concat("/", path) | some path in leaves])) == dotted(leaves)
}

test_every_section_left_out_is_named_once if {
	count(sections) > 15
	every path in sections {
		names(sample.without(path)) == dotted({path})
	}
}

# A set is no JSON value, so it is never what the schema says.
misfit(path) := {path[0]: set()} if count(path) == 1

misfit(path) := {path[0]: {path[1]: set()}} if count(path) == 2

misfit(path) := {path[0]: {path[1]: {path[2]: set()}}} if count(path) == 3

misfit(path) := {path[0]: {path[1]: {path[2]: {path[3]: set()}}}} if count(path) == 4

test_every_field_of_another_type_is_named if {
	misfits := object.union_n([misfit(path) | some path in leaves])
	names(object.union(sample.allowed, misfits)) == dotted(leaves)
}

test_numbers_are_whole_and_within_their_bounds if {
	at_limit := [0, 100]
	every percent in at_limit {
		names(sample.changed({"facts": {"blast": {"pods_percent": percent}}})) == set()
	}
	over := [-1, 101, 1.5, "57", null]
	every percent in over {
		names(sample.changed({"facts": {"blast": {"pods_percent": percent}}})) == {"facts.blast.pods_percent"}
	}
}

test_a_word_that_is_none_of_the_schemas_is_named if {
	names(sample.changed({"switch": {"mode": "Normal"}})) == {"switch.mode"}
	names(sample.changed({"facts": {"target": {"environment": ""}}})) == {"facts.target.environment"}
}

test_null_is_only_for_what_may_be_unknown if {
	names(sample.changed({"facts": {"image": {"critical_vulnerabilities": null}}})) == set()
	names(sample.changed({"incident": null, "runbook": null})) == set()
	names(sample.changed({"facts": {"blast": {"pods": null}}})) == {"facts.blast.pods"}
	names(sample.changed({"change": null})) == {"change"}
}

test_elements_of_lists_and_maps_are_looked_into if {
	names(sample.changed({"findings": [{"source": "checkov", "check": "CKV_1", "severity": "error", "line": null}]})) == {"findings[0].is_new"}
	names(sample.changed({"approvals": ["yes"]})) == {
		"approvals[0]",
		"approvals[0].action_matches",
		"approvals[0].age_seconds",
		"approvals[0].approver",
		"approvals[0].author",
		"approvals[0].base_matches",
		"approvals[0].change_matches",
		"approvals[0].edited",
		"approvals[0].head_matches",
		"approvals[0].kind",
		"approvals[0].policy_revision",
		"approvals[0].rules",
		"approvals[0].state",
		"approvals[0].teams",
		"approvals[0].wrote",
	}
	odd := object.union(sample.approved_by("alice"), {"rules": ["tier/base", 7]})
	names(sample.changed({"approvals": [odd]})) == {"approvals[0].rules[1]"}
	names(sample.changed({"time": {"zones": {"UTC": {"minute": 1440}}}})) == {"time.zones[UTC].minute"}
	names(sample.changed({"facts": {"blast": {"unknown": [7]}}})) == {"facts.blast.unknown[0]"}
	names(sample.changed({"runbook": {"preflight": [{"id": "a", "holds": "yes"}]}})) == {"runbook.preflight[0].holds"}
}

test_the_sections_are_declared_as_needed if complete.needs == {{
	"path": ["contract", "sections"],
	"type": "array",
	"minimum": 1,
}}
