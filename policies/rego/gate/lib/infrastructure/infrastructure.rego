# METADATA
# title: What a Terraform plan would do
# description: Each change of the plan that is to be applied, and the classes that policy data puts its type in.
package gate.lib.infrastructure

import rego.v2

# METADATA
# title: Each change as its action, the type and the resource; empty for any other kind of action
changes contains {"action": action, "type": type, "resource": resource} if {
	input.action.kind == "apply_plan"
	some action in ["create", "update", "replace", "destroy", "forget", "adopt", "move", "invoke"]
	some resource in input.action.params[action]
	type := split(resource, " ")[0]
}

# METADATA
# title: What takes away what was there, or does what no plan shows
ending := {"destroy", "replace", "forget", "invoke"}

# METADATA
# title: The names of the classes a type is in
classes(type) := {name |
	some name, class in data.gate.data.terraform.classes
	some start in class.types
	startswith(type, start)
}

ordinary(type) if {
	some start in data.gate.data.terraform.ordinary
	startswith(type, start)
}
