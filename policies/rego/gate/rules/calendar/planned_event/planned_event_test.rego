package gate.rules.calendar.planned_event_test

import rego.v2

import data.gate.lib.sample_test as sample
import data.gate.rules.calendar.planned_event

refusals(document) := found if {
	found := count(planned_event.deny) with input as document
}

kept_out(entry, document) if {
	found := count(planned_event.deny) with input as document with data.gate.data.calendar.events as {"drill": entry}
	found == 1
}

drill := {
	"what": "load_test",
	"scope": {"namespace": ["payments", "checkout"]},
	"from": "2026-11-14T03:12:00Z",
	"to": "2026-11-14T03:12:01Z",
}

test_no_event_refuses_nothing if refusals(sample.allowed) == 0

test_while_it_runs_automation_keeps_out if {
	every what in ["load_test", "maintenance", "deploy"] {
		kept_out(object.union(drill, {"what": what}), sample.allowed)
	}
}

test_before_and_after_it_does_not if {
	not kept_out(object.union(drill, {"from": "2026-11-14T03:12:01Z", "to": "2026-11-15T00:00:00Z"}), sample.allowed)
	not kept_out(object.union(drill, {"from": "2026-11-01T00:00:00Z", "to": "2026-11-14T03:12:00Z"}), sample.allowed)
}

test_elsewhere_it_does_not if not kept_out(object.union(drill, {"scope": {"namespace": "search"}}), sample.allowed)

test_people_may_act if not kept_out(drill, sample.changed({"proposer": {"kind": "person"}}))

test_an_unknown_kind_of_proposer_is_automation if kept_out(drill, sample.without(["proposer", "kind"]))

test_escalating_is_heard if not kept_out(drill, sample.acting("escalate"))

test_one_that_cannot_be_read_might_be_going_on if {
	every fault in [{"from": ""}, {"to": "2026-11-01T00:00:00Z"}, {"what": "party"}, {"scope": null}] {
		unreadable(object.union(drill, fault))
	}
	unreadable(null)
}

unreadable(entry) if {
	messages := planned_event.deny with input as sample.allowed with data.gate.data.calendar.events as {"drill": entry}
	messages == {"event drill can't be read, so it might be going on"}
}

test_one_that_cannot_be_read_keeps_nobody_else_out if {
	not kept_out(null, sample.changed({"proposer": {"kind": "person"}}))
	not kept_out(null, sample.acting("escalate"))
	not kept_out(object.union(drill, {"from": "", "scope": {"namespace": "search"}}), sample.allowed)
}

test_the_message_says_what_and_until_when if {
	messages := planned_event.deny with input as sample.allowed with data.gate.data.calendar.events as {"drill": drill}
	messages == {"load_test drill goes on until 2026-11-14T03:12:01Z"}
}

test_the_events_are_declared_as_needed if count(planned_event.needs) == 1
