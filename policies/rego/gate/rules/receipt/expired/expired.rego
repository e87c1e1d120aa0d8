# METADATA
# title: the decision has expired
# description: A decision is about a moment. What it weighed changes, so it stands only for its lifetime.
# custom:
#   remedy: Propose it again
#   severity: error
#   exceptable: false
# schemas:
#   - input: schema.input
package gate.rules.receipt.expired

import rego.v2

import data.gate.lib.rule

about := rule.about(rego.metadata.chain())

deny contains "the decision it was made under has expired" if {
	is_object(input.receipt)
	not input.receipt.expired == false
}
