"""Policy that lives in the GitOps repository is the protected branch's; no pull request changes its own verdict."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from threading import Lock
from typing import Any

import pytest

from engine import wiring
from engine.adapters.git.opening import create_bare
from engine.adapters.git.repository import ObjectRepository
from engine.core.change.model import FileEdit
from engine.core.errors import BadInput, UnfitBundle
from engine.settings import Settings, read_settings
from engine.usecases.gate_pull_request import gate_pull_request
from engine.usecases.queue_looks import take_looks
from engine.usecases.replay_pull_request import replay_wanted
from tests.conftest import DEMO_DATA, RECORDING, ROOT

AUTHOR, AT = "Person <person@example.com>", "2026-11-14T03:13:00Z"
LIMITS = "policies/rego/gate/data/rates/data.yaml"
OVERLAY = "policies/overlays/demo.yaml"


@pytest.fixture
def on_branch(tmp_path: Path) -> Settings:
    """Settings of a gate whose policy is in a repository of its own."""
    create_bare(tmp_path / "gitops.git")
    files = {
        f"policies/{path.relative_to(ROOT / 'policies')}": path.read_bytes()
        for path in (ROOT / "policies").rglob("*")
        if path.is_file()
    }
    with closing(ObjectRepository(tmp_path / "gitops.git")) as made:
        first = made.snapshot(files, (), message="Import", author=AUTHOR, at=AT)
        made.move("refs/heads/main", None, first)
    places: dict[str, Any] = {"policies": Path("repo:policies"), "data": Path(f"repo:{OVERLAY}")}
    return replace(read_settings({}), state=tmp_path / "state", repo=tmp_path / "gitops.git", **places)


def write(repository: Any, branch: str, path: str, data: bytes) -> None:
    """What a person does: one file written on a branch, which begins at main."""
    tip = repository.ref(f"refs/heads/{branch}")
    base = tip or repository.head("main")
    edit = FileEdit(path, repository.read(base, path), data)
    made = repository.commit(base, [edit], message="Change policy", author=AUTHOR, at=AT)
    repository.move(f"refs/heads/{branch}", tip, made)


def test_the_branch_holds_what_the_folder_held(on_branch: Settings) -> None:
    shipped = replace(on_branch, policies=None, data=DEMO_DATA)
    with wiring.policy_engine(on_branch) as there, wiring.policy_engine(shipped) as here:
        assert there.identity().digest == here.identity().digest
        assert "alice" in there.data("people")


def test_a_pull_request_does_not_change_the_policy_that_judges_it(on_branch: Settings) -> None:
    with (
        closing(wiring.repository(on_branch)) as repository,
        wiring.policy_engine(on_branch, opened=repository) as engine,
    ):
        before = engine.identity()
        loosened = repository.read(repository.head("main"), LIMITS).replace(b"limit: 5", b"limit: 5000")
        write(repository, "loosen", LIMITS, loosened)
        engine.follow()
        assert engine.identity() == before
        assert engine.data("rates")["automatic_fixes"]["limit"] == 5
        write(repository, "main", LIMITS, loosened)
        assert engine.data("rates")["automatic_fixes"]["limit"] == 5
        engine.follow()
        assert engine.identity() != before
        assert engine.data("rates")["automatic_fixes"]["limit"] == 5000


def test_a_policy_that_cannot_be_loaded_leaves_no_older_one_in_force(on_branch: Settings) -> None:
    with (
        closing(wiring.repository(on_branch)) as repository,
        wiring.policy_engine(on_branch, opened=repository) as engine,
    ):
        good = repository.read(repository.head("main"), LIMITS)
        write(repository, "main", LIMITS, b"{")
        engine.follow()
        for ask in (engine.identity, lambda: engine.data("rates"), lambda: engine.decide(b"{}")):
            with pytest.raises(UnfitBundle, match="can't be loaded"):
                ask()
        write(repository, "main", LIMITS, good)
        engine.follow()
        assert engine.data("rates")["automatic_fixes"]["limit"] == 5


def test_a_branch_without_the_folder_is_no_policy(on_branch: Settings) -> None:
    elsewhere = replace(on_branch, policies=Path("repo:rules"))
    with pytest.raises(UnfitBundle, match="the branch holds no rules"):
        wiring.policy_engine(elsewhere).__enter__()


def test_a_place_has_to_be_named(on_branch: Settings) -> None:
    with pytest.raises(BadInput, match="names no place"):
        read_settings({"PENSTOCK_POLICIES": "repo:"})


def test_without_a_repository_there_is_no_policy(on_branch: Settings) -> None:
    shutil.rmtree(str(on_branch.repo))
    with pytest.raises(BadInput):
        wiring.policy_engine(on_branch)


def later(ports: Any, number: int, now: str) -> None:
    """Replay what was asked for, and look again as that asks for."""
    if replay_wanted(ports, lambda: now):
        [look] = take_looks(ports.ledger, now=now)
        assert (look.look.number, look.look.again) == (number, True)
        gate_pull_request(ports, ports.forge.get(number), now=now, again=True)


def not_yet(ports: Any, number: int, now: str) -> None:
    """Nothing was replayed so far."""


@pytest.fixture
def shown(on_branch: Settings, open_desk: Any, tmp_path: Path, repository_template: Path) -> Any:
    """What the gate shows on a pull request that changes files of a policy by which a restart was refused."""
    shutil.copytree(repository_template, tmp_path / "both.git")
    with closing(wiring.repository(on_branch)) as policy, closing(ObjectRepository(tmp_path / "both.git")) as both:
        head, tip = policy.head("main"), both.head("main")
        held = {path: policy.read(head, path) for path in policy.paths(head)}
        held[OVERLAY] += b"  excluded: {actions: [restart_workload]}\n"
        edits = [FileEdit(path, None, data) for path, data in held.items()]
        both.move("refs/heads/main", tip, both.commit(tip, edits, message="Policy", author=AUTHOR, at=AT))
    settings = replace(on_branch, repo=tmp_path / "both.git", snapshot=RECORDING / "during")

    def opened(files: dict[str, bytes], meanwhile: Callable[[Any, int, str], None] = later) -> Any:
        desk = open_desk(replace(settings, gate_all_pull_requests=True))
        ports, now = desk.gate.ports, desk.later(60)
        assert desk.propose("restart_workload", "Deployment/payments-api").status == "refused"
        for path, data in files.items():
            write(ports.repository, "change", path, data)
        number = wiring.offer(desk.gate.settings, "change", author="bob", title="Change", at=now).number
        assert gate_pull_request(ports, ports.forge.get(number), now=now)
        meanwhile(ports, number, now)
        return ports.forge.get(number)

    return opened


NOTE = b"acknowledged:\n  - because: it went well by hand\n    rule: autonomy/excluded\n"


def test_a_pull_request_to_policy_is_shown_what_it_would_have_changed(shown: Any) -> None:
    told = shown({OVERLAY: DEMO_DATA.read_bytes()})
    assert (told.check.state, told.check.title[:40]) == ("failure", "The policy would newly allow what it ref")
    assert "1 × new allow: deny → allow" in told.comments[0]
    assert "no longer speaking: autonomy/excluded" in told.comments[0]


def test_until_the_record_is_replayed_its_check_waits(shown: Any) -> None:
    told = shown({"policies/change-note.yaml": NOTE}, not_yet)
    assert told.check.state != "success"
    assert "is being decided again by it" in told.comments[0]
    assert "would newly" not in told.comments[0]


def test_what_was_replayed_of_another_head_is_not_shown(shown: Any) -> None:
    def pushed_meanwhile(ports: Any, number: int, now: str) -> None:
        before = ports.forge.get(number).head
        write(ports.repository, "change", "README.md", b"Hello again\n")
        assert ports.forge.get(number).head != before
        assert replay_wanted(ports, lambda: now) == [number]
        gate_pull_request(ports, ports.forge.get(number), now=now, again=True)

    told = shown({OVERLAY: DEMO_DATA.read_bytes()}, pushed_meanwhile)
    assert "newly allow" not in told.check.title + told.comments[0]
    assert "is being decided again by it" in told.comments[0]


def test_nobody_waits_while_the_record_is_replayed(shown: Any) -> None:
    acting = Lock()

    def watched(ports: Any, number: int, now: str) -> None:
        def laid_out(head: str) -> Any:
            assert acting.locked(), "the repository is used by one at a time"
            replay = ports.replay_head(head)

            def freely() -> Any:
                assert not acting.locked(), "the lock is held while the record is replayed"
                return replay()

            return freely

        assert replay_wanted(replace(ports, replay_head=laid_out), lambda: now, acting) == [number]

    shown({OVERLAY: DEMO_DATA.read_bytes()}, watched)


def test_what_its_change_note_means_isnt_held_against_it(shown: Any) -> None:
    told = shown({OVERLAY: DEMO_DATA.read_bytes(), "policies/change-note.yaml": NOTE})
    assert "meant, says the change note: it went well by hand" in told.comments[0]
    assert "newly allow" not in told.check.title


def test_a_policy_that_cant_be_loaded_fails_the_check_of_its_pull_request(shown: Any) -> None:
    told = shown({LIMITS: b"limit: ["})
    assert told.check.state == "failure"
    assert LIMITS.removeprefix("policies/") in told.check.title + told.check.text


def test_a_pull_request_that_leaves_policy_alone_replays_nothing(shown: Any) -> None:
    told = shown({"README.md": b"Hello\n"})
    assert "decided again" not in told.comments[0]
