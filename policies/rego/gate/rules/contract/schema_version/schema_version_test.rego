package gate.rules.contract.schema_version_test

import rego.v2

import data.gate.lib.sample_test as sample
import data.gate.rules.contract.schema_version

refused(document) if count(schema_version.deny) == 1 with input as document

test_the_version_this_policy_knows_is_read if not refused(sample.allowed)

test_any_other_version_is_refused if {
	refused(sample.changed({"schema_version": "2"}))
	refused(sample.changed({"schema_version": 1}))
	refused(sample.without(["schema_version"]))
}

test_no_version_is_known_without_the_data if {
	count(schema_version.deny) == 1 with input as sample.allowed with data.gate.data.contract as {}
}
