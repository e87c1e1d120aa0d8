package gate.rules.change_window.window_test

import rego.v2

import data.gate.lib.sample_test as sample
import data.gate.rules.change_window.window

refusals(document) := found if {
	found := count(window.deny) with input as document
}

local(weekday, minute) := {"time": {"zones": {"Europe/Berlin": {"weekday": weekday, "minute": minute}}}}

moderate := sample.changed({"action": {"kind": "set_resources"}, "incident": {"severity": "warning"}})

at(weekday, minute) := object.union(moderate, local(weekday, minute))

test_inside_a_window_it_passes if {
	refusals(at("monday", 540)) == 0
	refusals(at("thursday", 959)) == 0
	refusals(at("friday", 719)) == 0
}

test_a_minute_outside_it_is_refused if {
	refusals(at("monday", 539)) == 1
	refusals(at("thursday", 960)) == 1
	refusals(at("friday", 720)) == 1
	refusals(at("saturday", 600)) == 1
}

test_the_message_says_where if {
	messages := window.deny with input as at("sunday", 600)
	messages == {"no change window of production is open for a moderate action"}
}

test_a_safe_action_has_no_window if {
	refusals(object.union(at("sunday", 192), {"action": {"kind": "restart_workload"}})) == 0
}

test_a_safe_action_made_moderate_by_its_reach_has_one if {
	wide := sample.changed({"incident": {"severity": "warning"}, "facts": {"blast": {"pods": 11}}})
	refusals(wide) == 1
}

test_an_open_emergency_does_not_wait if {
	refusals(object.union(at("sunday", 192), {"incident": {"severity": "critical", "status": "open"}})) == 0
	refusals(object.union(at("sunday", 192), {"incident": {"severity": "critical", "status": "verifying"}})) == 0
}

test_an_emergency_that_is_over_waits if {
	refusals(object.union(at("sunday", 192), {"incident": {"severity": "critical", "status": "resolved"}})) == 1
	refusals(object.union(at("sunday", 192), {"incident": null})) == 1
}

test_putting_back_does_not_wait if {
	every kind in ["rollback_workload", "revert_commit", "cordon_node"] {
		refusals(object.union(at("sunday", 192), {"action": {"kind": kind}})) == 0
	}
}

test_environments_without_an_entry_have_no_windows if {
	refusals(object.union(at("sunday", 192), {"facts": {"target": {"environment": "staging"}}})) == 0
	refusals(object.union(at("sunday", 192), {"facts": {"target": {"environment": "development"}}})) == 0
}

test_an_unknown_environment_counts_as_production if {
	refusals(object.union(at("sunday", 192), {"facts": {"target": {"environment": "unknown"}}})) == 1
}

opened_at(entry, document) if {
	found := count(window.deny) with input as document with data.gate.data.windows.open as {"production": {"only": entry}}
	found == 0
}

night := {"zone": "Europe/Berlin", "weekdays": ["saturday"], "from": "22:00", "to": "04:00"}

test_a_window_may_cross_midnight if {
	opened_at(night, at("saturday", 1320))
	opened_at(night, at("saturday", 1439))
	opened_at(night, at("sunday", 0))
	opened_at(night, at("sunday", 239))
}

test_a_crossing_window_has_ends if {
	not opened_at(night, at("saturday", 1319))
	not opened_at(night, at("sunday", 240))
	not opened_at(night, at("saturday", 100))
	not opened_at(night, at("sunday", 1320))
}

test_each_day_has_a_day_before_it if {
	every days in [
		["monday", "tuesday"], ["tuesday", "wednesday"], ["wednesday", "thursday"], ["thursday", "friday"],
		["friday", "saturday"], ["saturday", "sunday"], ["sunday", "monday"],
	] {
		opened_at(object.union(night, {"weekdays": [days[0]]}), at(days[1], 10))
	}
}

test_a_time_may_be_minutes_or_the_end_of_the_day if {
	opened_at(object.union(night, {"from": 0, "to": "24:00"}), at("saturday", 1439))
	opened_at(object.union(night, {"from": 960, "to": 1020}), at("saturday", 1019))
	not opened_at(object.union(night, {"from": 960, "to": 1020}), at("saturday", 1020))
}

test_a_window_that_cannot_be_read_is_closed if {
	every fault in [
		{"from": "9:00"}, {"to": "25:00"}, {"zone": "Mars/Base"}, {"weekdays": ["Saturday"]}, {"from": "04:00"},
	] {
		not opened_at(object.union(night, fault), at("saturday", 1400))
		not opened_at(object.union(night, fault), at("sunday", 600))
	}
	not opened_at(object.union(night, {"from": "04:00"}), at("sunday", 100))
}

test_not_knowing_is_refused if {
	refusals(json.remove(at("monday", 600), ["time"])) == 1
	refusals(json.remove(at("monday", 600), ["time/zones/Europe~1Berlin/minute"])) == 1
	refusals(json.remove(at("sunday", 600), ["action/kind"])) == 1
	found := count(window.deny) with input as sample.changed({"incident": null}) with data.gate.data.windows as {}
	found == 1
}

test_what_it_needs_is_declared if count(window.needs) == 4
