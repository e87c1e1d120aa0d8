package gate.rules.contract.stage_known_test

import rego.v2

import data.gate.lib.sample_test as sample
import data.gate.rules.contract.stage_known

refused(document) if count(stage_known.deny) == 1 with input as document

test_the_three_stages_are_known if {
	every stage in ["propose", "merge", "admission"] {
		not refused(sample.changed({"stage": stage}))
	}
}

test_any_other_stage_is_refused if {
	refused(sample.changed({"stage": "apply"}))
	refused(sample.changed({"stage": ""}))
	refused(sample.without(["stage"]))
}
