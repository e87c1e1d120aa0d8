# METADATA
# title: the edit is larger than one a person can review at a glance
# description: A remediation touches a field or two. A large edit is something else, and deserves its own pull request.
# custom:
#   remedy: Split it, or make it by hand in a pull request of your own
#   severity: error
#   exceptable: true
# schemas:
#   - input: schema.input
package gate.rules.change.size

import rego.v2

import data.gate.lib.rule

about := rule.about(rego.metadata.chain())

needs contains {"path": ["changes", "maximum_files"], "type": "number"}

needs contains {"path": ["changes", "maximum_lines"], "type": "number"}

deny contains $"it changes {input.change.files} files, more than {data.gate.data.changes.maximum_files}" if {
	not input.change.files <= data.gate.data.changes.maximum_files
}

deny contains $"it changes {input.change.lines} lines, more than {data.gate.data.changes.maximum_lines}" if {
	not input.change.lines <= data.gate.data.changes.maximum_lines
}
