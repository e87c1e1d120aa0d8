# METADATA
# title: an exception that would cover this can't be honoured
# description: >-
#   An exception without owner, reason, ticket, scope or a readable and short enough life sets nothing aside. It refuses
#   what it covers instead, so that whoever relies on it learns that they can't. One whose scope can't be read covers all.
# custom:
#   remedy: Complete the exception in the policy data, or take it away
#   severity: error
#   exceptable: false
# schemas:
#   - input: schema.input
package gate.rules.exception.well_formed

import rego.v2

import data.gate.lib.exception
import data.gate.lib.rule
import data.gate.lib.scope

about := rule.about(rego.metadata.chain())

needs contains {"path": ["exceptions", "maximum_days"], "type": "number"}

needs contains {"path": ["exceptions", "entries"], "type": "object"}

deny contains $"exception {id} has {flaw}" if {
	some id, entry in data.gate.data.exceptions.entries
	covering(entry)
	some flaw in exception.flaws(entry)
}

covering(entry) if scope.covers(entry.scope, scope.subject)

covering(entry) if not scope.well_formed(entry.scope)
