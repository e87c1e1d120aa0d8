# METADATA
# title: The tier of an action
# description: >-
#   The highest tier any rule asks for. Nobody having said anything, or having said something that is not a tier,
#   is tier 3: an action whose risk isn't known is an advanced one.
package gate.lib.tier

import rego.v2

default value := 3

value := highest if {
	highest := max({raised.tier | some raised in data.gate.rules[_][_].tier})
	highest in {0, 1, 2}
}

risk := risks[value]

risks := ["none", "safe", "moderate", "advanced"]

# METADATA
# title: The tier a kind of action starts from
# description: A kind the data doesn't list, or lists with something else than a tier, starts from 3.
default base(_) := 3

base(kind) := level if {
	level := data.gate.data.tiers.kinds[kind]
	level in {0, 1, 2}
}
