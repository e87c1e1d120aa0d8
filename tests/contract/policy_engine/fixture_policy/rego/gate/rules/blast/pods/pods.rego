# METADATA
# title: too many pods are affected
package gate.rules.blast.pods

import rego.v2

deny contains $"{input.pods} pods is over the limit of {data.gate.data.limits.pods}" if {
	input.pods > data.gate.data.limits.pods
}

deny contains "the limit of pods is not known" if not is_number(data.gate.data.limits.pods)

deny contains "the number of pods is not known" if not is_number(input.pods)
