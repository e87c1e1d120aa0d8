# METADATA
# title: Entries in data that hold for a scope and a time
# description: >-
#   A freeze or an event is honoured unless it is certain that it is about something else or another time. So one that
#   can't be read stops what it might be about, until somebody corrects it.
package gate.lib.span

import rego.v2

import data.gate.lib.instant
import data.gate.lib.scope

# METADATA
# title: Whether an entry's scope takes in the action at hand, or can't be read
may_cover(entry) if not elsewhere(entry)

# METADATA
# title: Whether an entry that can be read holds now for the action at hand; without an instant it does
may_hold(entry) if {
	may_cover(entry)
	not at_another_time(entry)
}

# METADATA
# title: Whether scope, from and to of an entry can be read
readable(entry) if {
	scope.well_formed(entry.scope)
	timed(entry)
}

timed(entry) if {
	instant.well_formed(entry.from)
	instant.well_formed(entry.to)
	entry.from < entry.to
}

elsewhere(entry) if {
	scope.well_formed(entry.scope)
	not scope.covers(entry.scope, scope.subject)
}

at_another_time(entry) if {
	instant.well_formed(input.time.instant)
	not within(entry)
}

within(entry) if {
	entry.from <= input.time.instant
	input.time.instant < entry.to
}
