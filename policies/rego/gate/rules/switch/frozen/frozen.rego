# METADATA
# title: the kill switch is frozen
# description: Frozen lets nothing through, whoever asks and whoever approved. A switch that can't be read is frozen.
# custom:
#   remedy: Wait until the switch is back to normal; `penstock switch status` says who froze it and why
#   severity: critical
#   exceptable: false
# schemas:
#   - input: schema.input
package gate.rules.switch.frozen

import rego.v2

import data.gate.lib.rule

about := rule.about(rego.metadata.chain())

deny contains $"the switch is {input.switch.mode}" if not input.switch.mode in {"normal", "advisory"}
