package gate.rules.tier.unknown_blast_test

import rego.v2

import data.gate.lib.sample_test as sample
import data.gate.rules.tier.unknown_blast

levels(document) := found if {
	found := {raised.tier | some raised in unknown_blast.tier} with input as document
}

unknown(figures) := sample.changed({"facts": {"blast": {"unknown": figures}}})

test_a_known_radius_raises_nothing if levels(sample.allowed) == set()

test_one_unknown_figure_is_enough if levels(unknown(["dependents"])) == {2}

test_not_knowing_what_is_unknown_counts_too if {
	levels(sample.without(["facts", "blast", "unknown"])) == {2}
	levels(sample.without(["facts", "blast"])) == {2}
}

test_what_changes_nothing_is_not_raised if {
	levels(object.union(unknown(["pods"]), {"action": {"kind": "escalate"}})) == set()
}
