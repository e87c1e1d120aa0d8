# METADATA
# title: the drift watch writes down only what data says
# description: >-
#   What lives isn't right because it lives. The drift watch may propose a live value for Git only for fields that
#   policy data names; any other difference it may only propose to put back.
# custom:
#   remedy: Propose to put it back; or name the kind and its field under drift.codify, or propose it as a person
#   severity: error
#   exceptable: true
# schemas:
#   - input: schema.input
package gate.rules.action.drift_codified

import rego.v2

import data.gate.lib.rule

about := rule.about(rego.metadata.chain())

needs contains {"path": ["drift", "codify"], "type": "object"}

needs contains {"path": ["drift", "noise"], "type": "object"}

deny contains $"the drift watch may not write {field} of a {input.action.target.kind} into Git" if {
	watch_codifies
	some field in input.action.params.fields
	not may_be_codified(input.action.target.kind, field)
}

deny contains "the drift watch names no field to write into Git" if {
	watch_codifies
	not count(input.action.params.fields) > 0
}

watch_codifies if {
	not input.proposer.kind in {"agent", "analyst", "person", "pipeline"}
	input.action.kind == "codify_drift"
}

may_be_codified(kind, field) if {
	some line in data.gate.data.drift.codify
	kind in line.kinds
	field in line.fields
}
