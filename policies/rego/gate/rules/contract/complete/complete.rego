# METADATA
# title: the input document lacks a field or holds something else than the schema says
# description: >-
#   A rule that compares a missing field is silent, and silence would pass for consent. So the shape of the document is
#   checked first, field by field, against what the model of the document says.
# custom:
#   remedy: Report this to the platform team; the gate compiled an input document its own schema doesn't permit
#   severity: critical
#   exceptable: false
# schemas:
#   - input: schema.input
package gate.rules.contract.complete

import rego.v2

import data.gate.lib.rule

about := rule.about(rego.metadata.chain())

needs contains {"path": ["contract", "sections"], "type": "array", "minimum": 1}

deny contains "there is no input document" if not is_object(input)

deny contains $"{place} is missing or is not what the schema says" if {
	some section in data.gate.data.contract.sections
	object_at := object.get(input, section["in"], null)
	is_object(object_at)
	some field, want in section.fields
	not fits(object.get(object_at, field, absent), want)
	place := concat(".", array.concat(section["in"], [field]))
}

deny contains $"{place} is missing or is not what the schema says" if {
	some section in data.gate.data.contract.sections
	some key, element in object.get(input, section.each, [])
	want := section.items
	not fits(element, want)
	place := $"{concat(".", section.each)}[{key}]"
}

deny contains $"{place}.{field} is missing or is not what the schema says" if {
	some section in data.gate.data.contract.sections
	some key, element in object.get(input, section.each, [])
	some field, want in section.fields
	not fits(object.get(element, field, absent), want)
	place := $"{concat(".", section.each)}[{key}]"
}

deny contains $"{place}[{position}] is missing or is not what the schema says" if {
	some section in data.gate.data.contract.sections
	some key, element in object.get(input, section.each, [])
	some position, value in object.get(element, section.of, [])
	not fits(value, section.values)
	place := $"{concat(".", section.each)}[{key}].{section.of}"
}

# No JSON value is a set, so nothing a document holds can be taken for its absence.
absent := {"absent"}

fits(value, want) if {
	type_name(value) in want.types
	is_null(value)
}

fits(value, want) if {
	type_name(value) in want.types
	not is_null(value)
	listed(value, want)
	within(value, want)
}

listed(value, want) if value in object.get(want, "values", [value])

within(value, _) if not is_number(value)

within(value, want) if {
	value == round(value)
	value >= object.get(want, "minimum", value)
	value <= object.get(want, "maximum", value)
}
