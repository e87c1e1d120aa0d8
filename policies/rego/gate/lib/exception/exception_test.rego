package gate.lib.exception_test

import rego.v2

import data.gate.lib.exception
import data.gate.lib.sample_test as sample

sound := {
	"owner": "team-payments",
	"reason": "the migration rewrites every manifest",
	"ticket": "OPS-411",
	"rules": ["change/size"],
	"scope": {"namespace": "payments"},
	"granted": "2026-11-01T00:00:00Z",
	"expires": "2026-11-30T00:00:00Z",
}

aside(entry, document) := found if {
	found := exception.setting_aside("change/size") with input as document
		with data.gate.data.exceptions as {"maximum_days": 30, "entries": {"e": entry}}
}

at(instant) := sample.changed({"time": {"instant": instant}})

test_a_sound_exception_sets_its_rules_aside if {
	aside(sound, sample.allowed) == {"e"}
	aside(object.union(sound, {"rules": ["change/findings"]}), sample.allowed) == set()
}

test_it_holds_from_its_grant_until_before_its_end if {
	aside(sound, at("2026-11-01T00:00:00Z")) == {"e"}
	aside(sound, at("2026-10-31T23:59:59Z")) == set()
	aside(sound, at("2026-11-29T23:59:59Z")) == {"e"}
	aside(sound, at("2026-11-30T00:00:00Z")) == set()
}

test_it_holds_in_its_scope_only if {
	aside(object.union(sound, {"scope": {"namespace": "payments", "action": "restart_workload"}}), sample.allowed) == {"e"}
	aside(object.union(sound, {"scope": {"namespace": "checkout"}}), sample.allowed) == set()
	aside(sound, json.remove(sample.allowed, ["action/target"])) == set()
}

test_it_holds_at_a_known_time_only if aside(sound, json.remove(sample.allowed, ["time/instant"])) == set()

test_one_that_says_less_than_it_has_to_sets_nothing_aside if {
	every field in object.keys(sound) {
		aside(object.remove(sound, [field]), sample.allowed) == set()
	}
}

flaws(entry) := found if {
	found := exception.flaws(entry) with data.gate.data.exceptions as {"maximum_days": 30}
}

test_a_sound_exception_has_no_flaw if flaws(sound) == set()

test_each_flaw_is_named if {
	every expected in [
		[{"owner": " "}, "no owner"], [{"reason": ""}, "no reason"], [{"ticket": 411}, "no ticket"],
		[{"rules": []}, "no list of rules"], [{"rules": "change/size"}, "no list of rules"],
		[{"granted": "2026-11-01"}, "no readable granted and expires"],
		[{"expires": "soon"}, "no readable granted and expires"],
		[{"expires": "2026-11-01T00:00:00Z"}, "no readable granted and expires"],
		[{"expires": "2026-12-01T00:00:01Z"}, "a longer life than data permits"],
		[{"scope": "payments"}, "no readable scope"],
	] {
		flaws(object.union(sound, expected[0])) == {expected[1]}
	}
}

test_it_may_last_as_long_as_data_permits if flaws(object.union(sound, {"expires": "2026-12-01T00:00:00Z"})) == set()

test_a_scope_of_no_words_is_a_flaw if {
	flaws(object.union(object.remove(sound, ["scope"]), {"scope": {}})) == {"no readable scope"}
}

test_without_a_permitted_length_every_exception_is_too_long if {
	found := exception.flaws(sound) with data.gate.data.exceptions as {}
	found == {"a longer life than data permits"}
}
