# METADATA
# title: scanning the edit found something new
# description: What the change itself brings in blocks it; what was there before doesn't.
# custom:
#   remedy: Correct what was found, or ask for an exception with an end
#   severity: error
#   exceptable: true
# schemas:
#   - input: schema.input
package gate.rules.change.findings

import rego.v2

import data.gate.lib.rule

about := rule.about(rego.metadata.chain())

needs contains {"path": ["scanning"], "type": "object", "minimum": 1}

needs contains {"path": ["changes", "tolerated_severities"], "type": "array"}

needs contains {"path": ["scanning", "fixes"], "type": "object"}

deny contains $"{finding.source} found {finding.check} ({finding.severity}; {place(finding)}; {fix(finding)})" if {
	some finding in input.findings
	not finding.severity in data.gate.data.changes.tolerated_severities
	not finding.is_new == false
}

default place(_) := "no line is known"

place(finding) := $"line {finding.line}" if is_number(finding.line)

default fix(_) := "no fix is known"

fix(finding) := data.gate.data.scanning.fixes[split(finding.check, ":")[0]]
