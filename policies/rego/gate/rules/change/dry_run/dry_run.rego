# METADATA
# title: the cluster would not take what the edit makes
# description: >-
#   A quota, a schema or another admission policy refuses the very object in a dry run. After the merge it would refuse
#   it as well, and people would have approved what can't be applied.
# custom:
#   remedy: Read what the cluster said, and propose what it takes; or have the limit that it names changed first
#   severity: error
#   exceptable: false
# schemas:
#   - input: schema.input
package gate.rules.change.dry_run

import rego.v2

import data.gate.lib.rule

about := rule.about(rego.metadata.chain())

deny contains "the cluster would not take the object that this change makes" if {
	not input.change.dry_run in {"not_needed", "off", "passed", "untried"}
}
