"""What was announced is told: once where it can be, later where it can't be now, and never for ever."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.core.errors import NotDelivered
from engine.core.message import ATTEMPTS, CLAIM_SECONDS, LONGEST_WAIT_SECONDS, Message, read_queued
from engine.core.moment import seconds_between, shift
from engine.usecases.announce import announce
from engine.usecases.dispatch import AT_ONCE, dispatch, look_at_outbox
from tests.fakes.ledger import MemoryLedger
from tests.fakes.notifier import MemoryNotifier, silent

AT = "2026-11-14T03:14:00Z"
ONE = Message("refused|prop-1|dec-1", "refused", "title", "text", AT, "prop-1", {"proposal": "prop-1"})


def announced(*messages: Message) -> MemoryLedger:
    ledger = MemoryLedger()
    for message in messages:
        ledger.run(lambda tx, message=message: announce(tx, message))
    return ledger


def test_a_message_is_told_once_however_often_it_is_announced_and_dispatched() -> None:
    ledger, channel = announced(ONE, ONE), MemoryNotifier()
    for _ in range(3):
        dispatch(ledger, [channel], now=AT)
    ledger.run(lambda tx: announce(tx, ONE))
    dispatch(ledger, [channel], now=AT)
    assert channel.told == [ONE]


def test_messages_are_told_in_the_order_they_were_announced() -> None:
    many = [replace(ONE, key=f"{number}") for number in range(5)]
    channel = MemoryNotifier()
    dispatch(announced(*many), [channel], now=AT)
    assert [message.key for message in channel.told] == ["0", "1", "2", "3", "4"]


def test_a_transaction_that_is_undone_announces_nothing() -> None:
    ledger, channel = MemoryLedger(), MemoryNotifier()

    class Undone(Exception):
        pass

    def unit(tx: object) -> None:
        announce(tx, ONE)  # type: ignore[arg-type]
        raise Undone

    with pytest.raises(Undone):
        ledger.run(unit)
    dispatch(ledger, [channel], now=AT)
    assert channel.asked == 0


def test_a_channel_that_fails_is_left_alone_for_longer_each_time_and_then_given_up() -> None:
    ledger, channel = announced(ONE), MemoryNotifier(failures=silent(1000))
    now, waits = AT, []
    while look_at_outbox(ledger, now=now).waiting:
        tried = channel.asked
        dispatch(ledger, [channel], now=now)
        assert channel.asked == tried + 1
        [due] = [read_queued(d).channels["memory"].due for d in ledger.run(lambda tx: tx.select("outbox"))]
        if due:
            dispatch(ledger, [channel], now=shift(due, -1))
            assert channel.asked == tried + 1
            waits.append(seconds_between(now, due))
            now = due
    assert channel.asked == ATTEMPTS
    assert waits == sorted(waits)
    assert waits[-1] == LONGEST_WAIT_SECONDS
    found = look_at_outbox(ledger, now=now)
    assert (found.waiting, found.failed) == (0, 1)
    assert "no answer" in found.sentence


def test_what_can_never_pass_is_given_up_at_once() -> None:
    ledger = announced(ONE)
    channel = MemoryNotifier(failures=[NotDelivered("it answered 400", where="memory", for_good=True)])
    dispatch(ledger, [channel], now=AT)
    dispatch(ledger, [channel], now=shift(AT, 3600))
    assert channel.asked == 1
    assert look_at_outbox(ledger, now=AT).failed == 1


def test_a_channel_that_asks_to_be_left_alone_is() -> None:
    ledger = announced(ONE)
    channel = MemoryNotifier(failures=[NotDelivered("it answered 429", where="memory", wait_seconds=300)])
    dispatch(ledger, [channel], now=AT)
    dispatch(ledger, [channel], now=shift(AT, 299))
    assert channel.asked == 1
    dispatch(ledger, [channel], now=shift(AT, 300))
    assert channel.told == [ONE]


def test_one_channel_s_trouble_is_not_another_s() -> None:
    ledger = announced(*(replace(ONE, key=f"{number}") for number in range(5)))
    broken, well = MemoryNotifier("broken", silent(1000)), MemoryNotifier("well")
    dispatch(ledger, [broken, well], now=AT)
    assert len(well.told) == 5
    assert broken.asked == 1
    dispatch(ledger, [broken, well], now=shift(AT, 3600))
    assert len(well.told) == 5


def test_a_round_is_bounded() -> None:
    ledger, channel = announced(*(replace(ONE, key=f"{number}") for number in range(AT_ONCE + 5))), MemoryNotifier()
    assert dispatch(ledger, [channel], now=AT) == AT_ONCE
    assert dispatch(ledger, [channel], now=AT) == 5


def test_what_one_process_is_telling_another_leaves_alone() -> None:
    ledger, second = announced(ONE), MemoryNotifier("memory")

    class Meanwhile(MemoryNotifier):
        def tell(self, message: Message) -> None:
            dispatch(ledger, [second], now=AT)
            super().tell(message)

    first = Meanwhile()
    dispatch(ledger, [first], now=AT)
    assert (first.told, second.told) == ([ONE], [])


def test_a_crash_while_telling_repeats_it_under_the_same_key() -> None:
    ledger, channel = announced(ONE), MemoryNotifier()

    class Cut(BaseException):
        pass

    class Gone(MemoryNotifier):
        def tell(self, message: Message) -> None:
            super().tell(message)
            raise Cut

    gone = Gone()
    with pytest.raises(Cut):
        dispatch(ledger, [gone], now=AT)
    dispatch(ledger, [channel], now=shift(AT, CLAIM_SECONDS - 1))
    assert channel.told == []
    dispatch(ledger, [channel], now=shift(AT, CLAIM_SECONDS))
    assert [message.key for message in gone.told + channel.told] == [ONE.key, ONE.key]
    assert dispatch(ledger, [channel], now=shift(AT, 3600)) == 0


def test_a_message_for_one_channel_reaches_no_other() -> None:
    ledger, one, other = announced(ONE.to_one("one")), MemoryNotifier("one"), MemoryNotifier("other")
    dispatch(ledger, [one, other], now=AT)
    assert (len(one.told), other.asked) == (1, 0)
    assert look_at_outbox(ledger, now=AT).waiting == 0


def test_a_message_for_a_channel_that_is_gone_doesn_t_wait_for_ever() -> None:
    ledger = announced(ONE.to_one("gone"))
    dispatch(ledger, [MemoryNotifier()], now=AT)
    assert look_at_outbox(ledger, now=AT).waiting == 0


def test_what_was_given_up_long_ago_is_no_news() -> None:
    ledger = announced(ONE)
    dispatch(ledger, [MemoryNotifier(failures=[NotDelivered("no", where="memory", for_good=True)])], now=AT)
    assert look_at_outbox(ledger, now=shift(AT, 86_399)).failed == 1
    assert look_at_outbox(ledger, now=shift(AT, 86_400)).failed == 0
