# METADATA
# title: How far an action may reach
# description: >-
#   Limits are data, by environment and figure. A figure that is missing, or a limit that is, counts as exceeded. What
#   changes nothing has no reach.
package gate.lib.radius

import rego.v2

import data.gate.lib.matrix
import data.gate.lib.tier as tiers

# METADATA
# title: Whether a figure of the blast radius is over its limit
exceeded(figure) if {
	not tiers.value == 0
	not input.facts.blast[figure] <= limit(figure)
}

limit(figure) := data.gate.data.blast.limits[matrix.environment][figure]

# METADATA
# title: The limits a rule about a figure can't do without
needs(figure, minimum) := {{"path": ["blast", "limits", environment, figure], "type": "number", "minimum": minimum} |
	some environment in ["production", "staging", "development"]
}
