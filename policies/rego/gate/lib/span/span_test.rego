package gate.lib.span_test

import rego.v2

import data.gate.lib.sample_test as sample
import data.gate.lib.span

entry := {"scope": {"cluster": "prod-eu"}, "from": "2026-11-14T03:12:00Z", "to": "2026-11-14T03:12:01Z"}

with_fault(fault) := object.union(entry, fault)

test_an_entry_with_scope_and_times_can_be_read if span.readable(entry)

test_anything_less_cannot if {
	not span.readable({})
	not span.readable(null)
	not span.readable(with_fault({"scope": null}))
	not span.readable(with_fault({"from": "2026-11-14"}))
	not span.readable(with_fault({"to": "2026-11-31T00:00:00Z"}))
	not span.readable(with_fault({"to": entry.from}))
}

test_it_covers_its_scope_or_what_cannot_be_told if {
	span.may_cover(entry) with input as sample.allowed
	span.may_cover({}) with input as sample.allowed
	not span.may_cover(with_fault({"scope": {"cluster": "prod-us"}})) with input as sample.allowed
}

test_it_holds_from_its_first_instant_until_before_its_last if {
	span.may_hold(entry) with input as sample.allowed
	not span.may_hold(entry) with input as sample.changed({"time": {"instant": "2026-11-14T03:11:59Z"}})
	not span.may_hold(entry) with input as sample.changed({"time": {"instant": "2026-11-14T03:12:01Z"}})
}

test_without_an_instant_it_holds if {
	span.may_hold(entry) with input as sample.without(["time", "instant"])
	span.may_hold(entry) with input as sample.changed({"time": {"instant": "now"}})
}
