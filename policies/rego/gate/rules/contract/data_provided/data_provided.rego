# METADATA
# title: the data that the rules decide by isn't there
# description: >-
#   Every rule declares the data it can't do without. A limit that was deleted, renamed or set to nothing must not turn
#   its rule into one that never fires.
# custom:
#   remedy: Restore the named policy data, or correct its type; `penstock policy check` shows where
#   severity: critical
#   exceptable: false
# schemas:
#   - input: schema.input
package gate.rules.contract.data_provided

import rego.v2

import data.gate.lib.needs
import data.gate.lib.rule

about := rule.about(rego.metadata.chain())

deny contains "no rule declares the data it needs" if count(needs.declared) == 0

deny contains $"policy data {place(need)} is missing, is not of type {need.type} or is too small" if {
	some need in needs.unmet
}

place(need) := concat(".", need.path)
