package gate.rules.change_window.freeze_test

import rego.v2

import data.gate.lib.sample_test as sample
import data.gate.rules.change_window.freeze

refusals(document) := found if {
	found := count(freeze.deny) with input as document
}

frozen(entry, document) if {
	found := count(freeze.deny) with input as document with data.gate.data.windows.freezes as {"sale": entry}
	found == 1
}

sale := {
	"scope": {"cluster": "prod-eu"},
	"from": "2026-11-14T03:12:00Z",
	"to": "2026-11-14T03:12:01Z",
	"from_tier": 1,
}

test_no_freeze_refuses_nothing if refusals(sample.allowed) == 0

test_from_its_first_instant_to_its_last_it_holds if frozen(sale, sample.allowed)

test_before_and_after_it_does_not if {
	not frozen(object.union(sale, {"from": "2026-11-14T03:12:01Z", "to": "2026-11-15T00:00:00Z"}), sample.allowed)
	not frozen(object.union(sale, {"from": "2026-11-01T00:00:00Z", "to": "2026-11-14T03:12:00Z"}), sample.allowed)
}

test_elsewhere_it_does_not if not frozen(object.union(sale, {"scope": {"cluster": "prod-us"}}), sample.allowed)

test_lower_tiers_go_on_where_it_says_so if {
	not frozen(object.union(sale, {"from_tier": 2}), sample.allowed)
	frozen(object.union(sale, {"from_tier": 2}), sample.acting("rollback_workload"))
	not frozen(object.union(sale, {"from_tier": 3}), sample.acting("rollback_workload"))
}

test_what_is_advanced_never_goes_on if frozen(object.union(sale, {"from_tier": 3}), sample.acting("change_rbac"))

test_people_are_bound_too if frozen(sale, sample.changed({"proposer": {"kind": "person"}}))

test_escalating_goes_on if not frozen(sale, sample.acting("escalate"))

test_the_message_says_until_when if {
	messages := freeze.deny with input as sample.allowed with data.gate.data.windows.freezes as {"sale": sale}
	messages == {"freeze sale holds until 2026-11-14T03:12:01Z"}
}

test_one_that_cannot_be_read_holds_at_any_time if {
	every fault in [
		{"from": "tomorrow"}, {"to": null}, {"from": "2026-12-01T00:00:00Z"}, {"from_tier": 0}, {"from_tier": "all"},
	] {
		unreadable(object.union(sale, fault))
	}
	unreadable({})
	unreadable(object.union(sale, {"to": sale.from}))
	unreadable(object.union(sale, {"scope": "everything"}))
}

unreadable(entry) if {
	messages := freeze.deny with input as sample.allowed with data.gate.data.windows.freezes as {"sale": entry}
	messages == {"freeze sale can't be read, so it holds"}
}

test_escalating_goes_on_then_too if not frozen({}, sample.acting("escalate"))

test_one_that_cannot_be_read_holds_in_its_scope_only if {
	not frozen(object.union(sale, {"from": "tomorrow", "scope": {"cluster": "prod-us"}}), sample.allowed)
	frozen(object.union(sale, {"scope": {"clusters": "prod-us"}}), sample.allowed)
}

test_without_an_instant_it_holds if {
	over := object.union(sale, {"from": "2026-11-01T00:00:00Z", "to": "2026-11-02T00:00:00Z"})
	frozen(over, sample.without(["time", "instant"]))
	not frozen(over, sample.allowed)
}

test_the_freezes_are_declared_as_needed if count(freeze.needs) == 1
