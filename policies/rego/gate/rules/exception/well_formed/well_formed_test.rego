package gate.rules.exception.well_formed_test

import rego.v2

import data.gate.lib.sample_test as sample
import data.gate.rules.exception.well_formed

sound := {
	"owner": "team-payments",
	"reason": "migration",
	"ticket": "OPS-411",
	"rules": ["change/size"],
	"scope": {"namespace": "payments"},
	"granted": "2026-11-01T00:00:00Z",
	"expires": "2026-11-20T00:00:00Z",
}

refused(document, entry) if {
	count(well_formed.deny) > 0 with input as document
		with data.gate.data.exceptions as {"maximum_days": 30, "entries": {"e": entry}}
}

test_no_exception_and_a_sound_one_refuse_nothing if {
	count(well_formed.deny) == 0 with input as sample.allowed
	not refused(sample.allowed, sound)
}

test_one_that_has_ended_is_no_flaw if {
	not refused(sample.allowed, object.union(sound, {"granted": "2026-09-01T00:00:00Z", "expires": "2026-09-20T00:00:00Z"}))
}

test_a_flawed_one_refuses_what_it_would_cover if {
	every field in object.keys(sound) {
		refused(sample.allowed, object.remove(sound, [field]))
	}
	refused(sample.allowed, object.union(sound, {"expires": "2027-11-20T00:00:00Z"}))
}

test_a_flawed_one_leaves_others_alone if {
	elsewhere := sample.changed({"action": {"target": {"namespace": "checkout"}}})
	not refused(elsewhere, object.remove(sound, ["ticket"]))
}

test_one_whose_scope_cannot_be_read_refuses_everything if {
	refused(sample.allowed, object.union(sound, {"scope": "payments"}))
	refused(sample.allowed, "an exception")
	refused(sample.allowed, object.union(object.remove(sound, ["scope"]), {"scope": {}}))
}

test_the_flaw_is_named if {
	well_formed.deny == {"exception e has no ticket"} with input as sample.allowed
		with data.gate.data.exceptions as {"maximum_days": 30, "entries": {"e": object.remove(sound, ["ticket"])}}
}

test_the_data_is_declared_as_needed if count(well_formed.needs) == 2
