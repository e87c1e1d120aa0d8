package gate.rules.evidence.more_than_one_signal_test

import rego.v2

import data.gate.lib.sample_test as sample
import data.gate.rules.evidence.more_than_one_signal

asked(document) := found if {
	found := more_than_one_signal.approval with input as document
}

seen(sources, signals) := sample.changed({"evidence": {"sources": sources}, "incident": {"signal_kinds": signals}})

owner := {{"role": "team:team-payments", "count": 1}}

test_two_sources_or_two_signals_ask_nobody if {
	asked(seen(2, 1)) == set()
	asked(seen(1, 2)) == set()
}

test_a_single_one_asks_the_owner if asked(seen(1, 1)) == owner

test_without_an_incident_only_sources_count if {
	asked(object.union(seen(1, 1), {"incident": null})) == owner
	asked(object.union(seen(2, 1), {"incident": null})) == set()
}

test_reaching_further_is_no_way_round_it if {
	asked(object.union(seen(1, 1), {"facts": {"blast": {"pods": 25}}})) == owner
}

test_people_and_what_never_goes_alone_are_not_asked_about if {
	asked(object.union(seen(1, 1), {"proposer": {"kind": "person"}})) == set()
	asked(object.union(seen(1, 1), {"action": {"kind": "rollback_workload"}})) == set()
	asked(object.union(seen(1, 1), {"action": {"kind": "escalate"}})) == set()
}

test_not_knowing_asks if {
	asked(json.remove(seen(2, 1), ["evidence/sources"])) == owner
	asked(json.remove(seen(1, 2), ["incident/signal_kinds"])) == owner
	found := more_than_one_signal.approval with input as sample.allowed with data.gate.data.evidence as {}
	found == owner
}

test_the_minimum_is_declared_as_needed if count(more_than_one_signal.needs) == 1
