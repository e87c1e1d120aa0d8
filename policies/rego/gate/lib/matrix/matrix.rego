# METADATA
# title: The approval matrix
# description: >-
#   The row of the matrix for the action at hand. What isn't known counts as what needs the most: production, critical.
package gate.lib.matrix

import rego.v2

import data.gate.lib.tier

row := data.gate.data.approvals.matrix[tier.risk][environment][criticality]

# METADATA
# title: Whether the row asks somebody, in whole people
asks_somebody if {
	count(row) > 0
	every _, people in row {
		is_number(people)
		people >= 1
		people == round(people)
	}
}

# METADATA
# title: The role of the team that owns the target; one that nobody holds where no owner is known
owner_role := $"team:{owner}"

default owner := ""

owner := input.facts.target.owner if is_string(input.facts.target.owner)

default environment := "production"

environment := input.facts.target.environment if input.facts.target.environment in {"staging", "development"}

default criticality := "critical"

criticality := "standard" if input.facts.target.criticality == "standard"
