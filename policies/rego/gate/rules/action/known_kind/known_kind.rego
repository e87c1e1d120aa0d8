# METADATA
# title: the catalogue doesn't have this action, or its parameters don't fit
# description: >-
#   What an action would do is known only for kinds of the catalogue, within the bounds it sets for their parameters.
# custom:
#   remedy: Use a kind of the catalogue with parameters that fit it; docs/proposals.md lists both
#   severity: error
#   exceptable: false
# schemas:
#   - input: schema.input
package gate.rules.action.known_kind

import rego.v2

import data.gate.lib.rule

about := rule.about(rego.metadata.chain())

deny contains $"{input.action.kind} with these parameters is not an action the catalogue knows" if {
	not input.action.known == true
}
