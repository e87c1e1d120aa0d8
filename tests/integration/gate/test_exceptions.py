"""An exception is honoured by every path alike, counted apart, and ends with a warning before it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engine.core.command.meaning import Place
from engine.core.decision import Decision
from engine.core.exception_entry import state_of
from engine.settings import Settings
from engine.usecases.check_command import asker_of, check_command, rehearsing, understand
from engine.usecases.exceptions import counted, warn_of_exceptions
from engine.usecases.propose import dry_run
from engine.wiring import shell_grammar
from tests.conftest import DEMO_DATA

API = "Deployment/payments-api"
EXCLUDED = """
  excluded: {actions: [restart_workload]}
exceptions:
  entries:
    agreed:
      owner: team-payments
      reason: agreed in the weekly meeting
      ticket: OPS-411
      rules: [autonomy/excluded]
      scope: {namespace: payments}
      granted: "2026-11-07T00:00:00Z"
      expires: "2026-11-%sT00:00:00Z"
"""


@pytest.fixture
def excluding(settings: Settings, open_desk: Any, tmp_path: Path) -> Callable[[str], Any]:
    """A desk at which restarting is kept from automation, with an exception until a day of that November."""

    def opened(day: str) -> Any:
        overlay = tmp_path / "overlay.yaml"
        overlay.write_text(DEMO_DATA.read_text() + EXCLUDED % day)
        return open_desk(replace(settings, data=overlay))

    return opened


def rehearsed(desk: Any) -> Any:
    proposal = desk.proposal("restart_workload", API)
    return dry_run(desk.gate.ports, proposal, authenticated=True, now=desk.later(60)).decision


def proposed(desk: Any) -> Any:
    return desk.propose("restart_workload", API).verdict


def checked(desk: Any) -> Any:
    words = understand(shell_grammar(), "kubectl -n payments rollout restart deploy/payments-api", Place("prod-eu"))
    weigh = rehearsing(desk.gate.ports, now=desk.now)
    check_command(desk.gate.ports, words, asker_of("agent:triage", "", "", []), lambda _: b"", weigh)
    return Decision.model_validate(desk.records("decision")[-1].body["decision"])


PATHS: dict[str, Callable[[Any], Any]] = {"asked": rehearsed, "proposed and merged": proposed, "checked": checked}


@pytest.mark.parametrize("path", list(PATHS))
@pytest.mark.parametrize(("day", "used"), [("16", ["OPS-411"]), ("13", [])])
def test_every_path_honours_it_alike(excluding: Any, path: str, day: str, used: list[str]) -> None:
    decision = PATHS[path](excluding(day))
    refused = {violation.rule for violation in decision.violations}
    assert [one.ticket for one in decision.exceptions] == used
    assert ("autonomy/excluded" in refused) == (not used)


def test_it_is_counted_apart_with_how_often_it_was_used(excluding: Any) -> None:
    desk = excluding("16")
    for path in PATHS.values():
        path(desk)
    (found,) = counted(desk.gate.ports.policy, desk.gate.ports.ledger, now=desk.later(60))
    assert (found.id, found.state, found.entry["ticket"]) == ("agreed", "ending", "OPS-411")
    assert found.used >= len(PATHS)


def test_people_are_warned_once_before_it_ends_and_not_after(excluding: Any) -> None:
    desk = excluding("16")
    ports = desk.gate.ports
    for seconds in (0, 3600):
        assert warn_of_exceptions(ports.policy, ports.ledger, now=desk.later(seconds)) == 1
    assert warn_of_exceptions(ports.policy, ports.ledger, now=desk.later(3 * 86_400)) == 0
    (told,) = [message for message in desk.told() if message["event"] == "exception_ending"]
    assert "agreed (OPS-411) ends on 2026-11-16" in told["text"]
    assert "team-payments answers for it" in told["text"]


@pytest.mark.parametrize(
    ("granted", "expires", "state"),
    [
        ("2026-11-01T00:00:00Z", "2026-11-21T00:00:01Z", "in force"),
        ("2026-11-01T00:00:00Z", "2026-11-21T00:00:00Z", "ending"),
        ("2026-11-01T00:00:00Z", "2026-11-14T00:00:00Z", "ended"),
        ("2026-11-15T00:00:00Z", "2026-11-16T00:00:00Z", "to come"),
        ("2026-11-01T00:00:00Z", "soon", "unreadable"),
        ("2026-11-01T00:00:00Z", None, "unreadable"),
    ],
)
def test_how_it_stands_is_a_matter_of_time(granted: str, expires: str | None, state: str) -> None:
    entry = {"granted": granted} | ({"expires": expires} if expires else {})
    assert state_of(entry, "2026-11-14T00:00:00Z") == state
