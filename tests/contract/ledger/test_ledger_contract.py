"""What every ledger promises, whichever one it is."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from engine.adapters.store.ledger import open_ledger
from engine.core.budget import Reservation
from engine.core.errors import AlreadyReserved, BadInput, LedgerUnavailable, NestedUnit
from engine.core.record import GENESIS, Entry, verify_chain
from engine.ports import Ledger, Transaction
from tests.fakes.ledger import MemoryLedger

AT, LATER, MUCH_LATER = "2026-11-14T03:12:00Z", "2026-11-14T03:20:00Z", "2026-11-14T05:00:00Z"


@pytest.fixture(params=["sqlite", "postgres"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'penstock.db'}"
    return str(request.getfixturevalue("postgres").database())


@pytest.fixture(params=["sqlite", "postgres", "memory"])
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ledger]:
    if request.param == "memory":
        opened: Ledger = MemoryLedger()
    elif request.param == "sqlite":
        opened = open_ledger(f"sqlite:///{tmp_path / 'penstock.db'}")
    else:
        opened = open_ledger(request.getfixturevalue("postgres").database(), spool=tmp_path / "spool")
    yield opened
    opened.close()


def entry(number: int = 1, kind: str = "decision", subject: str = "") -> Entry:
    return Entry(kind, subject or f"dec-{number}", {"n": number})


def reservation(decision: str, amount: int = 1, **changed: str) -> Reservation:
    fields = {"budget": "automatic_fixes", "scope": "prod/payments", "at": AT, "expires_at": LATER, **changed}
    return Reservation(amount=amount, decision_id=decision, **fields)  # type: ignore[arg-type]


def used(ledger: Ledger, *, since: str = AT, now: str = AT, scope: str = "prod/payments") -> int:
    return ledger.run(lambda tx: tx.used("automatic_fixes", scope, since=since, now=now))


class Undo(Exception):
    pass


# The record


def test_records_form_one_chain_from_the_first(ledger: Ledger) -> None:
    made = [ledger.run(lambda tx, n=n: tx.append(entry(n), at=AT)) for n in range(1, 6)]  # type: ignore[misc]
    assert made[0].previous == GENESIS
    assert [record.sequence for record in made] == [1, 2, 3, 4, 5]
    assert list(ledger.export()) == made
    assert verify_chain(ledger.export()) == (5, made[-1].digest)


def test_a_unit_sees_its_own_records_and_its_own_tip(ledger: Ledger) -> None:
    def unit(tx: Transaction) -> None:
        assert tx.tip() == GENESIS
        first = tx.append(entry(1), at=AT)
        assert tx.tip() == first.digest
        second = tx.append(entry(2), at=AT)
        assert second.previous == first.digest
        assert tx.records() == [first, second]

    ledger.run(unit)


def test_records_are_found_by_kind_and_subject(ledger: Ledger) -> None:
    wanted = [entry(1), entry(2, kind="merge"), entry(3, kind="merge", subject="dec-1")]
    ledger.run(lambda tx: [tx.append(each, at=AT) for each in wanted])
    assert [r.body["n"] for r in ledger.run(lambda tx: tx.records(kind="merge"))] == [2, 3]
    assert [r.body["n"] for r in ledger.run(lambda tx: tx.records(subject="dec-1"))] == [1, 3]
    assert [r.body["n"] for r in ledger.run(lambda tx: tx.records(kind="merge", subject="dec-1"))] == [3]


def test_a_record_is_what_was_appended_whatever_the_caller_does_with_it_afterwards(ledger: Ledger) -> None:
    body = {"list": [1], "text": "ü\u0000\u2028", "tuple": (1, 2)}
    record = ledger.run(lambda tx: tx.append(Entry("decision", "dec-1", body), at=AT))
    body["list"].append(2)  # type: ignore[attr-defined]
    assert record.body == {"list": [1], "text": "ü\u0000\u2028", "tuple": [1, 2]}
    record.body["list"].append(3)
    kept = next(iter(ledger.export()))
    assert kept.body == {"list": [1], "text": "ü\u0000\u2028", "tuple": [1, 2]}
    verify_chain(ledger.export())


@pytest.mark.parametrize("value", [float("nan"), 2**60, "\ud800", {1, 2}], ids=["nan", "huge", "surrogate", "set"])
def test_a_body_that_json_cannot_carry_is_refused_and_leaves_no_record(ledger: Ledger, value: object) -> None:
    with pytest.raises(BadInput):
        ledger.run(lambda tx: tx.append(Entry("decision", "dec-1", {"x": value}), at=AT))
    assert list(ledger.export()) == []


def test_instants_are_kept_in_one_form_and_anything_else_is_refused(ledger: Ledger) -> None:
    assert ledger.run(lambda tx: tx.append(entry(), at="2026-11-14T04:12:00+01:00")).at == AT
    with pytest.raises(BadInput):
        ledger.run(lambda tx: tx.append(entry(), at="yesterday"))


# All or nothing


def test_a_unit_that_raises_leaves_nothing_and_the_next_one_goes_on(ledger: Ledger) -> None:
    def failing(tx: Transaction) -> None:
        tx.append(entry(1), at=AT)
        tx.reserve(reservation("dec-1"))
        tx.put("proposals", "prop-1", {"a": 1}, at=AT)
        tx.set_switch("frozen", by="ada", reason="test", at=AT)
        raise Undo

    with pytest.raises(Undo):
        ledger.run(failing)
    assert list(ledger.export()) == []
    assert used(ledger) == 0
    assert ledger.run(lambda tx: tx.find("proposals", "prop-1")) is None
    assert ledger.run(lambda tx: tx.switch_mode()) == "normal"
    assert ledger.run(lambda tx: tx.append(entry(2), at=AT)).previous == GENESIS


def test_a_unit_inside_a_unit_is_refused_and_harms_neither_the_outer_one_nor_the_ledger(ledger: Ledger) -> None:
    def outer(tx: Transaction) -> None:
        tx.append(entry(1), at=AT)
        with pytest.raises(NestedUnit):
            ledger.run(lambda inner: inner.append(entry(2), at=AT))

    ledger.run(outer)
    assert [record.subject for record in ledger.export()] == ["dec-1"]


def test_a_transaction_kept_beyond_its_unit_is_of_no_use(ledger: Ledger) -> None:
    kept = ledger.run(lambda tx: tx)
    for step in (lambda: kept.append(entry(), at=AT), lambda: kept.find("proposals", "x"), kept.switch_mode):
        with pytest.raises(LedgerUnavailable, match="has ended"):
            step()
    assert list(ledger.export()) == []


def test_a_closed_ledger_refuses_and_closing_twice_is_closing(ledger: Ledger) -> None:
    ledger.close()
    ledger.close()
    with pytest.raises(LedgerUnavailable, match="closed"):
        ledger.run(lambda tx: tx.tip())


# Budgets


def test_a_reservation_counts_until_the_instant_it_lapses(ledger: Ledger) -> None:
    ledger.run(lambda tx: tx.reserve(reservation("dec-1", 3)))
    assert used(ledger, now="2026-11-14T03:19:59Z") == 3
    assert used(ledger, now=LATER) == 0


def test_a_reservation_from_before_the_window_still_holds(ledger: Ledger) -> None:
    ledger.run(lambda tx: tx.reserve(reservation("dec-1", expires_at=MUCH_LATER)))
    assert used(ledger, since=LATER, now=LATER) == 1


def test_a_commit_counts_from_when_it_was_made_at_the_edge_of_the_window_too(ledger: Ledger) -> None:
    ledger.run(lambda tx: tx.reserve(reservation("dec-1")))
    ledger.run(lambda tx: tx.settle("dec-1", committed=True, at=LATER))
    assert used(ledger, since=LATER, now=MUCH_LATER) == 1
    assert used(ledger, since="2026-11-14T03:20:01Z", now=MUCH_LATER) == 0


def test_a_release_gives_the_amount_back(ledger: Ledger) -> None:
    ledger.run(lambda tx: tx.reserve(reservation("dec-1")))
    ledger.run(lambda tx: tx.settle("dec-1", committed=False, at=AT))
    assert used(ledger) == 0


@pytest.mark.parametrize("first", [True, False])
def test_settling_twice_changes_nothing(ledger: Ledger, first: bool) -> None:
    ledger.run(lambda tx: tx.reserve(reservation("dec-1")))
    ledger.run(lambda tx: tx.settle("dec-1", committed=first, at=AT))
    ledger.run(lambda tx: tx.settle("dec-1", committed=not first, at=MUCH_LATER))
    assert used(ledger) == int(first)
    assert used(ledger, since=LATER, now=MUCH_LATER) == 0


def test_settling_reaches_every_budget_of_the_decision_and_no_other_decision(ledger: Ledger) -> None:
    ledger.run(lambda tx: tx.reserve(reservation("dec-1")))
    ledger.run(lambda tx: tx.reserve(reservation("dec-1", 9, budget="pods")))
    ledger.run(lambda tx: tx.reserve(reservation("dec-2")))
    ledger.run(lambda tx: tx.settle("dec-1", committed=False, at=AT))
    assert used(ledger) == 1
    assert ledger.run(lambda tx: tx.used("pods", "prod/payments", since=AT, now=AT)) == 0


def test_scopes_do_not_share_a_budget(ledger: Ledger) -> None:
    ledger.run(lambda tx: tx.reserve(reservation("dec-1")))
    assert used(ledger, scope="prod/checkout") == 0


def test_a_decision_holds_a_budget_once(ledger: Ledger) -> None:
    ledger.run(lambda tx: tx.reserve(reservation("dec-1")))
    with pytest.raises(AlreadyReserved):
        ledger.run(lambda tx: tx.reserve(reservation("dec-1", 5)))
    ledger.run(lambda tx: tx.settle("dec-1", committed=False, at=AT))
    with pytest.raises(AlreadyReserved):
        ledger.run(lambda tx: tx.reserve(reservation("dec-1")))
    assert used(ledger) == 0


@pytest.mark.parametrize("amount", [0, -3])
def test_a_reservation_cannot_add_to_a_budget(ledger: Ledger, amount: int) -> None:
    with pytest.raises(BadInput):
        ledger.run(lambda tx: tx.reserve(reservation("dec-1", amount)))


def test_a_reservation_that_lapses_at_once_is_refused(ledger: Ledger) -> None:
    with pytest.raises(BadInput):
        ledger.run(lambda tx: tx.reserve(reservation("dec-1", expires_at=AT)))


def test_eight_threads_never_overspend(ledger: Ledger) -> None:
    limit, start = 20, threading.Barrier(8)

    def unit(decision: str) -> Callable[[Transaction], bool]:
        def reserve(tx: Transaction) -> bool:
            tx.append(entry(subject=decision), at=AT)
            if tx.used("automatic_fixes", "prod/payments", since=AT, now=AT) >= limit:
                return False
            tx.reserve(reservation(decision))
            return True

        return reserve

    def caller(thread: int) -> int:
        start.wait()
        return sum(ledger.run(unit(f"dec-{thread}-{n}")) for n in range(15))

    with ThreadPoolExecutor(8) as pool:
        granted = sum(pool.map(caller, range(8)))
    assert granted == limit
    assert used(ledger) == limit
    assert verify_chain(ledger.export())[0] == 8 * 15


# Documents


def test_a_document_is_replaced_in_its_place(ledger: Ledger) -> None:
    for key in ("a", "b"):
        ledger.run(lambda tx, key=key: tx.put("incidents", key, {"key": key}, status="open", at=AT))  # type: ignore[misc]
    ledger.run(lambda tx: tx.put("incidents", "a", {"key": "a", "more": True}, status="resolved", at=LATER))
    assert ledger.run(lambda tx: tx.select("incidents")) == [{"key": "a", "more": True}, {"key": "b"}]
    assert ledger.run(lambda tx: tx.select("incidents", status="open")) == [{"key": "b"}]
    assert ledger.run(lambda tx: tx.count("incidents", status="open")) == 1
    assert ledger.run(lambda tx: tx.count("incidents", status="gone")) == 0
    assert ledger.run(lambda tx: tx.find("incidents", "a")) == {"key": "a", "more": True}


def test_collections_do_not_share_keys(ledger: Ledger) -> None:
    ledger.run(lambda tx: tx.put("incidents", "x", {"a": 1}, at=AT))
    assert ledger.run(lambda tx: tx.find("proposals", "x")) is None
    assert ledger.run(lambda tx: tx.select("proposals")) == []


def test_a_document_read_and_changed_is_not_changed_in_the_ledger(ledger: Ledger) -> None:
    document = {"list": [1], "big": 2**70}
    ledger.run(lambda tx: tx.put("incidents", "x", document, at=AT))
    document["list"].append(2)  # type: ignore[union-attr]
    found = ledger.run(lambda tx: tx.find("incidents", "x"))
    assert found == {"list": [1], "big": 2**70}
    found["list"].append(3)
    assert ledger.run(lambda tx: tx.find("incidents", "x")) == {"list": [1], "big": 2**70}


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "\ud800", {1}], ids=["nan", "inf", "surrogate", "set"])
def test_a_document_that_json_cannot_carry_is_refused(ledger: Ledger, value: object) -> None:
    with pytest.raises(BadInput):
        ledger.run(lambda tx: tx.put("incidents", "x", {"a": value}, at=AT))
    assert ledger.run(lambda tx: tx.find("incidents", "x")) is None


# The switch


def test_what_is_old_among_the_oldest_is_forgotten_and_nothing_else(ledger: Ledger) -> None:
    def unit(tx: Transaction) -> None:
        for number, at in enumerate((AT, AT, LATER, AT)):
            tx.put("told", str(number), {"n": number}, status="done", at=at)
        tx.put("told", "waits", {"n": 9}, status="waiting", at=AT)
        tx.put("heard", "0", {"n": 0}, status="done", at=AT)

    def forget(most: int) -> int:
        return ledger.run(lambda tx: tx.forget("told", status="done", before=LATER, most=most))

    ledger.run(unit)
    assert forget(1) == 1
    assert [found["n"] for found in ledger.run(lambda tx: tx.select("told"))] == [1, 2, 3, 9]
    assert (forget(10), forget(10)) == (2, 0)
    assert [found["n"] for found in ledger.run(lambda tx: tx.select("told"))] == [2, 9]
    assert ledger.run(lambda tx: tx.find("heard", "0")) == {"n": 0}


def test_the_switch_starts_normal_and_stays_where_it_was_moved(ledger: Ledger) -> None:
    assert ledger.run(lambda tx: tx.switch_mode()) == "normal"
    for mode in ("frozen", "advisory", "normal"):
        ledger.run(lambda tx, mode=mode: tx.set_switch(mode, by="ada", reason="drill", at=AT))  # type: ignore[misc]
        assert ledger.run(lambda tx: tx.switch_mode()) == mode


def test_the_switch_knows_three_modes_only(ledger: Ledger) -> None:
    with pytest.raises(BadInput):
        ledger.run(lambda tx: tx.set_switch("off", by="ada", reason="drill", at=AT))
    assert ledger.run(lambda tx: tx.switch_mode()) == "normal"


def test_what_is_put_aside_joins_the_chain_when_the_store_is_opened(address: str, tmp_path: Path) -> None:
    with open_ledger(address, spool=tmp_path / "spool") as first:
        first.set_aside(entry(1, kind="refusal"), at=AT)
        assert list(first.export()) == []
    with open_ledger(address, spool=tmp_path / "spool") as second:
        assert [(record.kind, record.body["n"]) for record in second.export()] == [("refusal", 1)]
