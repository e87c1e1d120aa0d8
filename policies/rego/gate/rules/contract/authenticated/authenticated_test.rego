package gate.rules.contract.authenticated_test

import rego.v2

import data.gate.lib.sample_test as sample
import data.gate.rules.contract.authenticated

refused(document) if count(authenticated.deny) == 1 with input as document

test_an_authenticated_proposer_is_heard if not refused(sample.allowed)

test_a_proposer_nobody_authenticated_is_refused if {
	refused(sample.changed({"proposer": {"authenticated": false}}))
	refused(sample.changed({"proposer": {"authenticated": "true"}}))
	refused(sample.without(["proposer", "authenticated"]))
	refused(sample.without(["proposer"]))
}
