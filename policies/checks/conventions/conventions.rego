# METADATA
# title: Conventions of the policy tree
# description: >-
#   Judges what `opa inspect -a -f json` says of the bundle. A rule's identity is its path and its words are its
#   annotations; nothing else lists them, so a rule that is misplaced or says too little would be wrong everywhere at
#   once. Each refusal is one sentence.
package checks.conventions

import rego.v2

deny contains "no rule was found below gate/rules" if count(rules) == 0

deny contains "the manifest must say rego_version 2, or `not` is silent about what is undefined" if {
	not input.manifest.rego_version == 2
}

deny contains $"{name} isn't two steps below gate/rules, as area and rule" if {
	some name, parts in below(["data", "gate", "rules"])
	count(parts) != 5
}

deny contains $"{name} has no file of its own name, {wanted}" if {
	some name, parts in rules
	wanted := concat("/", ["rules", parts[3], parts[4], $"{parts[4]}.rego"])
	every file in input.namespaces[name] {
		not endswith(file, $"/{wanted}")
	}
}

deny contains $"{name} is more than one file" if {
	some name, _ in rules
	count(input.namespaces[name]) > 1
}

deny contains $"{name} has no test package {name}_test" if {
	some name, _ in rules
	not input.namespaces[$"{name}_test"]
}

deny contains $"{name} tests no rule of its name" if {
	some name, _ in below(["data", "gate", "rules"])
	endswith(name, "_test")
	not rules[trim_suffix(name, "_test")]
}

deny contains $"{name} says no {said} in its annotations" if {
	some name, _ in rules
	some said in ["title", "description"]
	not text(said_of[name][said])
}

deny contains $"{name} says no remedy in its annotations" if {
	some name, _ in rules
	not text(said_of[name].custom.remedy)
}

deny contains $"{name} says no severity of warning, error or critical in its annotations" if {
	some name, _ in rules
	not said_of[name].custom.severity in {"warning", "error", "critical"}
}

deny contains $"{name} doesn't say in its annotations whether it is exceptable" if {
	some name, _ in rules
	not is_boolean(said_of[name].custom.exceptable)
}

deny contains $"{name} isn't checked against the schema of the input document" if {
	some name, _ in rules
	not input_schema in described(said_of[name].schemas)
}

deny contains $"{name} and {other} have the same title" if {
	some name, _ in rules
	some other, _ in rules
	name < other
	said_of[name].title == said_of[other].title
}

deny contains $"{place} has annotations of scope subpackages, which would speak for every rule below" if {
	some entry in input.annotations
	entry.annotations.scope == "subpackages"
	place := entry.location.file
}

deny contains $"{file} isn't named data.yaml, so a bundle leaves it out" if {
	some name, _ in below(["data", "gate", "data"])
	some file in input.namespaces[name]
	not endswith(file, "/data.yaml")
}

deny contains $"{name} isn't one step below gate/data" if {
	some name, parts in below(["data", "gate", "data"])
	count(parts) != 4
}

deny contains $"{builtin.name} isn't native in Wasm; write a template string" if {
	some builtin in input.capabilities.builtins
	builtin.name == "sprintf"
}

# METADATA
# title: Packages and data below a path, each with the steps of its own
below(prefix) := {name: parts |
	some name, _ in input.namespaces
	parts := split(name, ".")
	array.slice(parts, 0, count(prefix)) == prefix
	count(parts) > count(prefix)
}

rules := {name: parts |
	some name, parts in below(["data", "gate", "rules"])
	count(parts) == 5
	not endswith(name, "_test")
}

said_of[name] := entry.annotations if {
	some entry in input.annotations
	entry.annotations.scope == "package"
	name := concat(".", [step.value | some step in entry.path])
}

text(value) if {
	is_string(value)
	trim_space(value) != ""
}

input_schema := {"path": ["input"], "schema": ["schema", "input"]}

# Inspection writes a reference as the list of its steps, each with its type.
described(schemas) := {{"path": steps(schema.path), "schema": steps(schema.schema)} | some schema in schemas}

steps(reference) := [step.value | some step in reference]
