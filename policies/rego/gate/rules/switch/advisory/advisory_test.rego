package gate.rules.switch.advisory_test

import rego.v2

import data.gate.lib.sample_test as sample
import data.gate.rules.switch.advisory

refused(document) if count(advisory.deny) == 1 with input as document

in_mode(mode) := sample.changed({"switch": {"mode": mode}})

test_advisory_refuses_what_would_change_something if {
	refused(in_mode("advisory"))
	refused(object.union(in_mode("advisory"), {"action": {"kind": "delete_resource"}}))
	refused(json.remove(in_mode("advisory"), ["action/kind"]))
}

test_advisory_lets_advice_through if not refused(object.union(in_mode("advisory"), {"action": {"kind": "escalate"}}))

test_normal_refuses_nothing if not refused(in_mode("normal"))
