"""Replay the record through the policies of a pull request, apart from deciding it.

A record of a year takes minutes, and nobody who calls the gate waits for that. Deciding a pull request only asks for
the replay and shows it as pending; whoever has the time replays, writes down what came of it and asks for another look.
It is shown for the very head, and the policy in force, that it was replayed for, and for no other.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass

from engine.core.delivery import Look
from engine.core.errors import ForgeTrouble, LedgerUnavailable, PenstockError
from engine.core.moment import shift
from engine.ports import Ports, ReplayHead, Transaction
from engine.usecases.queue_looks import ask_for_look

REPLAYS = "replays"
FRESH_SECONDS = 3600
UNMEANT = "The policy would newly allow what it refused, and no change note says that this is meant"


@dataclass(frozen=True, slots=True)
class Found:
    """What a replay found: why it is held against the pull request, empty where it isn't, and all of it in lines."""

    because: str
    lines: list[str]


@dataclass(frozen=True, slots=True)
class _Wanted:
    """The head of a pull request that is to be replayed, and the digest of the policy then in force."""

    number: int
    head: str
    policy: str


def found_or_asked(ports: Ports, number: int, head: str, now: str) -> Found | None:
    """What was found of a head; ``None`` where that isn't known yet. What is missing or an hour old is asked for."""
    wanted = _Wanted(number, head, ports.policy.identity().digest)

    def unit(tx: Transaction) -> Found | None:
        told = tx.find(REPLAYS, str(number))
        known = told is not None and told["wanted"] == asdict(wanted)
        found = Found(**told["found"]) if known and told is not None and told["found"] else None
        if not known or told is None or (found and told["due"] <= now):
            body = {"wanted": asdict(wanted), "found": asdict(found) if found else None, "due": ""}
            tx.put(REPLAYS, str(number), body, status="wanted", at=now)
        return found

    return ports.ledger.run(unit)


def replay_wanted(
    ports: Ports, now: Callable[[], str], using: AbstractContextManager[object] | None = None
) -> list[int]:
    """Replay for every head that was asked for, and say of which pull requests.

    ``using`` is entered while the repository is used, which is short. Raises :class:`ForgeTrouble` and
    :class:`LedgerUnavailable`, after which what wasn't done is still asked for.
    """
    if (lay_out := ports.replay_head) is None:
        return []
    waiting = ports.ledger.run(lambda tx: [_Wanted(**each["wanted"]) for each in tx.select(REPLAYS, status="wanted")])
    for wanted in waiting:
        _conclude(ports, wanted, _replayed(lay_out, wanted.head, using or nullcontext()), now())
    return [wanted.number for wanted in waiting]


def _replayed(lay_out: ReplayHead, head: str, using: AbstractContextManager[object]) -> Found:
    try:
        with using:
            replay = lay_out(head)
        holds, lines = replay()
    except (ForgeTrouble, LedgerUnavailable):
        raise
    except PenstockError as error:
        return Found(str(error), [str(error)])
    return Found("" if holds else UNMEANT, lines)


def _conclude(ports: Ports, wanted: _Wanted, found: Found, now: str) -> None:
    """Write down what was found, unless another head was asked for meanwhile, and have it shown."""

    def unit(tx: Transaction) -> None:
        told = tx.find(REPLAYS, str(wanted.number))
        if told is None or told["wanted"] != asdict(wanted):
            return
        body = {**told, "found": asdict(found), "due": shift(now, FRESH_SECONDS)}
        tx.put(REPLAYS, str(wanted.number), body, status="found", at=now)
        ask_for_look(tx, Look(wanted.number, again=True), now=now)

    ports.ledger.run(unit)
