# METADATA
# title: it isn't known who would feel it
# description: >-
#   A figure that couldn't be derived counts as large. People may know what the gate couldn't see; automation can't.
# custom:
#   remedy: Give the gate read access to what it couldn't see, or ask a person to propose it
#   severity: error
#   exceptable: false
# schemas:
#   - input: schema.input
package gate.rules.blast_radius.unknown

import rego.v2

import data.gate.lib.proposer
import data.gate.lib.rule
import data.gate.lib.tier as tiers

about := rule.about(rego.metadata.chain())

deny contains $"not known of its blast radius is {names}" if {
	proposer.automated
	not tiers.value == 0
	not count(input.facts.blast.unknown) == 0
	names := concat(", ", sort([$"{name}" | some name in object.get(input, ["facts", "blast", "unknown"], ["anything"])]))
}
