package gate.rules.target.source_found_test

import rego.v2

import data.gate.lib.sample_test as sample
import data.gate.rules.target.source_found

refusals(document) := found if {
	found := count(source_found.deny) with input as document
}

of_status(status) := sample.changed({"facts": {"source": {"status": status}}})

test_one_source_or_no_need_of_one_passes if {
	refusals(of_status("found")) == 0
	refusals(of_status("not_needed")) == 0
}

test_no_source_or_several_are_refused if {
	refusals(of_status("missing")) == 1
	refusals(of_status("ambiguous")) == 1
}

test_not_knowing_is_refused if {
	refusals(of_status("somewhere")) == 1
	refusals(sample.without(["facts", "source", "status"])) == 1
	refusals(sample.without(["facts", "source"])) == 1
}
