package gate.rules.calendar.zone_known_test

import rego.v2

import data.gate.lib.sample_test as sample
import data.gate.rules.calendar.zone_known

refusals(document) := found if {
	found := count(zone_known.deny) with input as document
}

test_with_every_clock_it_passes if refusals(sample.allowed) == 0

test_each_missing_clock_is_named if {
	messages := zone_known.deny with input as sample.without(["time", "zones", "UTC"])
	messages == {"the clock of UTC is missing"}
	refusals(sample.without(["time", "zones"])) == 2
	refusals(sample.without(["time"])) == 2
	refusals(sample.without(["time", "zones", "UTC", "minute"])) == 1
}

test_a_window_in_a_zone_the_calendar_lacks_is_refused if {
	messages := zone_known.deny with input as sample.allowed
		with data.gate.data.windows.open.staging as {"nights": {"zone": "Asia/Tokyo"}}
	messages == {"the clock of Asia/Tokyo is missing"}
}

test_a_window_without_a_zone_is_refused if {
	messages := zone_known.deny with input as sample.allowed
		with data.gate.data.windows.open.staging as {"nights": {"weekdays": ["monday"]}}
	messages == {"window nights names no zone"}
}

test_the_zones_are_declared_as_needed if count(zone_known.needs) == 1
