# METADATA
# title: the cluster couldn't be asked whether it takes the edit
# description: >-
#   Where a dry run is set up, one that couldn't be made is no consent. Data may say that it is tolerated, for a time in
#   which the cluster can't be reached and repairs must go on.
# custom:
#   remedy: See that the identity of the dry run reaches the cluster and may ask; the cluster's own words are beside this
#   severity: error
#   exceptable: true
# schemas:
#   - input: schema.input
package gate.rules.change.dry_run_tried

import rego.v2

import data.gate.lib.rule

about := rule.about(rego.metadata.chain())

needs contains {"path": ["changes", "untried_dry_run"], "type": "string"}

deny contains "it isn't known whether the cluster would take the object that this change makes" if {
	not input.change.dry_run in {"not_needed", "off", "passed", "refused"}
	not data.gate.data.changes.untried_dry_run == "tolerated"
}
