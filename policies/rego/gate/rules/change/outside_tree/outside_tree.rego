# METADATA
# title: the edit leaves the tree the gate may write
# description: Pipelines, secrets and the gate's own policy live in other folders; an edit there is an escalation.
# custom:
#   remedy: Make this change by hand, in a pull request of your own
#   severity: critical
#   exceptable: false
# schemas:
#   - input: schema.input
package gate.rules.change.outside_tree

import rego.v2

import data.gate.lib.rule

about := rule.about(rego.metadata.chain())

deny contains "the change touches a path outside the permitted tree" if not input.change.outside_tree == false
