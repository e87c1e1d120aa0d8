# METADATA
# title: the kill switch lets advice through and nothing else
# description: In advisory mode the gate still explains and escalates, but opens nothing that would change something.
# custom:
#   remedy: Do it by hand if it can't wait, or ask for the switch to be set back to normal
#   severity: critical
#   exceptable: false
# schemas:
#   - input: schema.input
package gate.rules.switch.advisory

import rego.v2

import data.gate.lib.rule
import data.gate.lib.tier as tiers

about := rule.about(rego.metadata.chain())

deny contains "the switch is advisory, and this would change something" if {
	input.switch.mode == "advisory"
	not tiers.value == 0
}
