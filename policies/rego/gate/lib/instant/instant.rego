# METADATA
# title: Instants written as text
# description: >-
#   Policy has no clock and no time functions. Instants are RFC 3339 in UTC with whole seconds, so that the order of
#   the text is the order in time; a span needs seconds, which are counted here from the civil date.
package gate.lib.instant

import rego.v2

# METADATA
# title: Whether a text is an instant, written like 2026-11-14T03:12:00Z, on a day that exists
well_formed(text) if {
	regex.match(`^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z$`, text)
	pair(text, 8) <= days_in(year(text), pair(text, 5))
}

# METADATA
# title: Seconds since 1970 of a well-formed instant; undefined for any other text
seconds(text) := (((civil_day(text) * 86400) + (pair(text, 11) * 3600)) + (pair(text, 14) * 60)) + pair(text, 17) if {
	well_formed(text)
}

# Days since 1970: years begin in March, so that the day a leap year adds is the last one of its year.
civil_day(text) := (((cycle * 146097) + (in_cycle * 365)) + ((leaps + day_of_year) + pair(text, 8))) - 719469 if {
	month := pair(text, 5)
	from_march := year(text) - count({month | month <= 2})
	cycle := floor(from_march / 400)
	in_cycle := from_march - (cycle * 400)
	leaps := floor(in_cycle / 4) - floor(in_cycle / 100)
	day_of_year := floor(((153 * ((month + 9) % 12)) + 2) / 5)
}

days_in(of_year, month) := 29 if {
	month == 2
	leap(of_year)
}

else := [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]

leap(of_year) if {
	of_year % 4 == 0
	of_year % 100 != 0
}

leap(of_year) if of_year % 400 == 0

year(text) := (100 * pair(text, 0)) + pair(text, 2)

# Digit by digit: to_number reads "08" as no number every evaluator agrees on.
pair(text, at) := (10 * to_number(substring(text, at, 1))) + to_number(substring(text, at + 1, 1))
