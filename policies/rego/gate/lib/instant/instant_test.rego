package gate.lib.instant_test

import rego.v2

import data.gate.lib.instant

test_seconds_are_those_of_the_civil_calendar if {
	instant.seconds("1970-01-01T00:00:00Z") == 0
	instant.seconds("1969-12-31T23:59:59Z") == -1
	instant.seconds("2000-02-29T12:00:00Z") == 951825600
	instant.seconds("2000-03-01T00:00:00Z") == 951868800
	instant.seconds("2026-11-14T03:12:09Z") == 1794625929
	instant.seconds("2100-03-01T00:00:00Z") == 4107542400
	instant.seconds("2028-12-31T23:59:59Z") == 1861919999
}

test_only_days_that_exist_are_instants if {
	instant.well_formed("2028-02-29T00:00:00Z")
	instant.well_formed("2000-02-29T00:00:00Z")
	instant.well_formed("2026-12-31T00:00:00Z")
	not instant.well_formed("2026-02-29T00:00:00Z")
	not instant.well_formed("2100-02-29T00:00:00Z")
	not instant.well_formed("2026-04-31T00:00:00Z")
}

test_any_other_writing_is_no_instant if {
	every text in [
		"2026-11-14", "2026-11-14T03:12:00+01:00", "2026-11-14T03:12:00.5Z", "2026-11-14T24:00:00Z",
		"2026-13-14T03:12:00Z", "2026-00-14T03:12:00Z", "2026-11-00T03:12:00Z", "2026-11-14T03:60:00Z", " 2026-11-14T03:12:00Z",
		"", null, 1794625920,
	] {
		not instant.well_formed(text)
		not instant.seconds(text)
	}
}
