# METADATA
# title: the target isn't there
# description: An action on something that doesn't exist is a mistake, or an invention.
# custom:
#   remedy: Check cluster, namespace, kind and name of the target
#   severity: error
#   exceptable: false
# schemas:
#   - input: schema.input
package gate.rules.target.exists

import rego.v2

import data.gate.lib.rule
import data.gate.lib.tier as tiers

about := rule.about(rego.metadata.chain())

needs contains {"path": ["actions", "creating"], "type": "array"}

deny contains $"there is no {target.kind} {target.namespace}/{target.name} in {target.cluster}" if {
	not tiers.value == 0
	not input.facts.target.found == true
	not input.action.kind in data.gate.data.actions.creating
	target := object.get(input, ["action", "target"], {})
}
