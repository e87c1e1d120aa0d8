# METADATA
# title: the edit it needs can't be made safely
# description: >-
#   Policy judges the very edit that would be opened. One that couldn't be built, or doesn't give exactly the intended
#   object when it is read again and rendered, is none.
# custom:
#   remedy: Follow the refusal code; usually one file has to make the target, with the field set in one place
#   severity: error
#   exceptable: false
# schemas:
#   - input: schema.input
package gate.rules.change.verified

import rego.v2

import data.gate.lib.rule

about := rule.about(rego.metadata.chain())

deny contains $"the change couldn't be built ({input.change.refusal})" if {
	not input.change.needed == false
	not input.change.built == true
}

deny contains "the change, rendered, isn't exactly what the action asks for" if {
	not input.change.needed == false
	input.change.built == true
	not input.change.verified == true
}
