# METADATA
# title: somebody whose approval counts has rejected it
# description: >-
#   A rejection by a person who holds a required role, or belongs to the owning team, stands until that person approves
#   or it is dismissed. Others' approvals don't outvote it.
# custom:
#   remedy: Talk to who rejected it; they can approve, or propose something else
#   severity: error
#   exceptable: false
# schemas:
#   - input: schema.input
package gate.rules.approval.rejected

import rego.v2

import data.gate.lib.approval
import data.gate.lib.rule

about := rule.about(rego.metadata.chain())

deny contains $"{person} rejected it" if {
	some person in approval.rejecting
	approval.heard(person)
}
