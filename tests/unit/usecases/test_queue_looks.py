"""A queue that forgets nothing which was asked for, and does nothing twice for one question."""

from __future__ import annotations

from engine.core.delivery import FAILURES, Look
from engine.core.moment import shift
from engine.usecases.queue_looks import AT_ONCE, ask_for_look, look_failed, looked, take_looks
from tests.fakes.ledger import MemoryLedger

AT = "2026-11-14T03:14:00Z"


def asked(*looks: Look) -> MemoryLedger:
    ledger = MemoryLedger()
    for look in looks:
        ledger.run(lambda tx, look=look: ask_for_look(tx, look, now=AT))
    return ledger


def ask(ledger: MemoryLedger, look: Look) -> None:
    ledger.run(lambda tx: ask_for_look(tx, look, now=AT))


def test_looks_at_one_pull_request_are_one_and_come_in_order() -> None:
    ledger = asked(Look(2), Look(1), Look(2), Look())
    assert [taken.look.number for taken in take_looks(ledger, now=AT)] == [2, 1, 0]


def test_a_merge_queue_s_commit_is_a_look_of_its_own() -> None:
    assert len(take_looks(asked(Look(2), Look(2, "a" * 40)), now=AT)) == 2


def test_what_is_taken_stays_until_it_is_done() -> None:
    ledger = asked(Look(2))
    [taken] = take_looks(ledger, now=AT)
    assert len(take_looks(ledger, now=AT)) == 1
    looked(ledger, taken, now=AT)
    assert take_looks(ledger, now=AT) == []


def test_what_is_asked_for_meanwhile_isn_t_forgotten() -> None:
    ledger = asked(Look(2))
    [taken] = take_looks(ledger, now=AT)
    ask(ledger, Look(2))
    looked(ledger, taken, now=AT)
    assert [again.look for again in take_looks(ledger, now=AT)] == [Look(2)]


def test_a_person_s_wish_to_decide_again_holds_until_it_is_done_and_no_longer() -> None:
    ledger = asked(Look(2, again=True), Look(2))
    [taken] = take_looks(ledger, now=AT)
    assert taken.look.again
    looked(ledger, taken, now=AT)
    ask(ledger, Look(2))
    assert not take_looks(ledger, now=AT)[0].look.again


def test_a_failure_is_tried_later_each_time_and_then_given_up_until_somebody_asks() -> None:
    ledger, now, waits = asked(Look(2)), AT, []
    while taken := take_looks(ledger, now=now):
        look_failed(ledger, taken[0], "a conflict", now=now)
        waited = next((s for s in range(0, 1000, 5) if take_looks(ledger, now=shift(now, s))), None)
        if waited is None:
            break
        waits.append(waited)
        now = shift(now, waited)
    assert waits == sorted(waits)
    assert len(waits) == FAILURES - 1
    ask(ledger, Look(2))
    assert [again.failures for again in take_looks(ledger, now=now)] == [0]


def test_asking_doesn_t_hurry_what_fails_just_now() -> None:
    ledger = asked(Look(2))
    look_failed(ledger, take_looks(ledger, now=AT)[0], "no", now=AT, until=shift(AT, 600))
    ask(ledger, Look(2))
    assert take_looks(ledger, now=shift(AT, 599)) == []
    assert len(take_looks(ledger, now=shift(AT, 600))) == 1


def test_a_round_is_bounded() -> None:
    assert len(take_looks(asked(*(Look(n) for n in range(1, AT_ONCE + 9))), now=AT)) == AT_ONCE
