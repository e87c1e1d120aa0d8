package gate.rules.change.findings_test

import rego.v2

import data.gate.lib.sample_test as sample
import data.gate.rules.change.findings

refusals(document) := found if {
	found := count(findings.deny) with input as document
}

finding(fields) := object.union(
	{"source": "checkov", "check": "CKV_K8S_16", "severity": "error", "is_new": true, "line": null},
	fields,
)

finding_all(found) := sample.changed({"findings": found})

test_nothing_found_refuses_nothing if refusals(sample.allowed) == 0

test_each_new_finding_refuses if {
	refusals(finding_all([finding({}), finding({"check": "CKV_K8S_20"})])) == 2
	refusals(finding_all([finding({"severity": "warning"})])) == 1
	refusals(finding_all([finding({"severity": "critical"})])) == 1
}

test_what_is_tolerated_or_was_there_before_does_not if {
	refusals(finding_all([finding({"severity": "info"}), finding({"is_new": false})])) == 0
}

test_a_finding_that_cannot_be_read_refuses if {
	refusals(finding_all([finding({"severity": "Info"})])) == 1
	refusals(finding_all([object.remove(finding({}), ["severity"])])) == 1
	refusals(finding_all([object.remove(finding({}), ["is_new"])])) == 1
	refusals(finding_all(["bad"])) == 1
}

test_without_the_list_nothing_is_tolerated if {
	found := count(findings.deny) with input as finding_all([finding({"severity": "info"})]) with data.gate.data.changes as {}
	found == 1
}

test_line_and_fix_are_told_and_so_is_that_there_are_none if {
	known := finding_all([finding({"check": "CKV_K8S_16:spec/a:b", "line": 12})])
	said := findings.deny with input as known
	said == {"checkov found CKV_K8S_16:spec/a:b (error; line 12; leave privileged out, or set it to false)"}
	unknown := findings.deny with input as finding_all([finding({"check": "CKV_NEW_1"})])
	unknown == {"checkov found CKV_NEW_1 (error; no line is known; no fix is known)"}
}

test_the_lists_are_declared_as_needed if count(findings.needs) == 3
