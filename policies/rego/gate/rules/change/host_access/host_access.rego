# METADATA
# title: the change lets a container reach its node
# description: >-
#   A privileged container, a path of the node or the node's own network, processes or memory is a way out of the
#   container. What the object had before isn't held against the change; what it newly takes is. An object that can't be
#   read whole may hold any of it.
# custom:
#   remedy: Do without it, or ask for an exception with an end
#   severity: critical
#   exceptable: true
# schemas:
#   - input: schema.input
package gate.rules.change.host_access

import rego.v2

import data.gate.lib.rule

about := rule.about(rego.metadata.chain())

deny contains $"the change gives the target {way}" if {
	some way in (ways(input.manifests.after) - ways(input.manifests.before))
}

deny contains "the changed object isn't of the shape that its kind has, so what it may reach isn't known" if {
	is_object(input.manifests.after)
	not input.manifests.after.complete == true
}

deny contains "what the change makes isn't known" if not is_object(input.manifests)

ways(manifest) := (shared(manifest) | paths(manifest)) | containers(manifest)

shared(manifest) := {$"the node's {what}" |
	some field, what in {"host_network": "network", "host_pid": "processes", "host_ipc": "memory"}
	object.get(manifest, field, false) == true
}

paths(manifest) := {$"the node's path {path}" | some path in object.get(manifest, "host_paths", [])}

containers(manifest) := {$"the privileged container {container.name}" |
	some container in object.get(manifest, "containers", [])
	container.privileged == true
}
