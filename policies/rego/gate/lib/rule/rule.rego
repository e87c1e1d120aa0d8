# METADATA
# title: What a rule says of itself
# description: >-
#   Each rule package has one line, `about := rule.about(rego.metadata.chain())`, so that title, remedy and severity
#   are written once, as annotations, and its identity is its path. Every look-up has a default: an annotation that is
#   missing must never make a refusal undefined.
package gate.lib.rule

import rego.v2

about(chain) := {
	"title": object.get(annotations, "title", ""),
	"remedy": object.get(annotations, ["custom", "remedy"], "Ask the platform team"),
	"severity": object.get(annotations, ["custom", "severity"], "critical"),
	"exceptable": object.get(annotations, ["custom", "exceptable"], false),
} if {
	annotations := of_package(chain)
}

of_package(chain) := object.get(chain[count(chain) - 1], "annotations", {}) if count(chain) > 0

else := {}
