"""``penstock audit`` and ``penstock switch`` as a person at a terminal meets them."""

from __future__ import annotations

import json
import os
import pwd
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from engine.adapters.store.ledger import open_ledger
from engine.core.record import Entry
from engine.entrypoints.cli.main import main
from engine.usecases.audit import read_export, verify

AT = "2026-11-14T03:12:00Z"
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in [name for name in os.environ if name.startswith("PENSTOCK_")]:
        monkeypatch.delenv(name)
    folder = tmp_path / "state"
    monkeypatch.setenv("PENSTOCK_STATE", str(folder))
    return folder


@pytest.fixture
def run(state: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> Run:
    def command(*arguments: str) -> tuple[int, str, str]:
        capfdbinary.readouterr()
        code = main(list(arguments))
        out, err = capfdbinary.readouterr()
        return code, out.decode(), err.decode()

    return command


@pytest.fixture
def recorded(state: Path) -> Path:
    with open_ledger(f"sqlite:///{state / 'penstock.db'}") as ledger:
        for number in range(1, 4):
            kind = "decision" if number < 3 else "merge"
            entry = Entry(kind, f"dec-{number}", {"text": "\x1b[31mred"})
            ledger.run(lambda tx, entry=entry: tx.append(entry, at=AT))  # type: ignore[misc]
    return state / "penstock.db"


def rewrite(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def test_a_record_that_holds_is_said_to_with_its_tip(run: Run, recorded: Path) -> None:
    code, out, err = run("audit", "verify")
    assert code == 0
    assert out.startswith("the record holds: 3 records, tip 3:sha256:")
    assert err == ""


def test_a_broken_record_fails_and_is_named_on_stderr(run: Run, recorded: Path) -> None:
    rewrite(recorded, "DROP TRIGGER records_no_update", "UPDATE records SET subject = 'x' WHERE sequence = 2")
    code, out, err = run("audit", "verify")
    assert code == 1
    assert out == ""
    assert "broken at record 2" in err
    assert err.count("\n") == 1


def test_a_broken_record_is_told_to_programs_too(run: Run, recorded: Path) -> None:
    rewrite(recorded, "DROP TRIGGER records_no_update", "UPDATE records SET subject = 'x' WHERE sequence = 2")
    code, out, _ = run("audit", "verify", "-o", "json")
    assert code == 1
    found = json.loads(out)
    assert (found["holds"], found["count"], found["broken"]["position"]) == (False, 1, 2)


def test_a_record_that_is_not_there_is_not_said_to_hold(run: Run) -> None:
    code, out, err = run("audit", "verify")
    assert code == 1
    assert out == ""
    assert "nothing to verify" in err


def test_a_ledger_that_cannot_be_opened_is_said_with_its_own_code(run: Run, state: Path) -> None:
    state.mkdir()
    (state / "penstock.db").write_text("notes" * 100)
    code, _, err = run("audit", "verify")
    assert code == 4
    assert "not a database" in err
    assert err.count("\n") == 1


def test_an_export_is_verified_without_the_database_it_came_from(run: Run, recorded: Path, tmp_path: Path) -> None:
    file = tmp_path / "record.jsonl"
    assert run("audit", "export", str(file))[0] == 0
    assert file.stat().st_mode & 0o077 == 0
    recorded.write_bytes(b"gone")
    code, out, _ = run("audit", "verify", "--export", str(file))
    assert code == 0
    assert "3 records" in out


def test_an_export_goes_to_stdout_and_nothing_else_does(run: Run, recorded: Path) -> None:
    code, out, err = run("audit", "export")
    assert (code, err) == (0, "")
    assert verify(read_export(out.encode().splitlines(), where="stdout")).count == 3


def test_an_export_never_takes_the_place_of_another(run: Run, recorded: Path, tmp_path: Path) -> None:
    file = tmp_path / "record.jsonl"
    file.write_text("mine")
    code, _, err = run("audit", "export", str(file))
    assert code == 2
    assert str(file) in err
    assert file.read_text() == "mine"


def test_an_export_that_fails_leaves_no_file(run: Run, recorded: Path, tmp_path: Path) -> None:
    rewrite(recorded, "DROP TRIGGER records_no_update", "UPDATE records SET body = 'x' WHERE sequence = 3")
    code, _, err = run("audit", "export", str(tmp_path / "record.jsonl"))
    assert code == 1
    assert "record 3" in err
    assert [path.name for path in tmp_path.iterdir()] == ["state"]


def test_a_changed_export_fails_and_a_garbled_one_is_bad_input(run: Run, recorded: Path, tmp_path: Path) -> None:
    file = tmp_path / "record.jsonl"
    run("audit", "export", str(file))
    text = file.read_text()
    file.write_text(text.replace("dec-2", "dec-9"))
    assert run("audit", "verify", "--export", str(file))[0] == 1
    file.write_text(text[:-30])
    code, _, err = run("audit", "verify", "--export", str(file))
    assert code == 2
    assert f"{file}:3" in err


def test_an_export_that_is_not_there_is_bad_input(run: Run, tmp_path: Path) -> None:
    assert run("audit", "verify", "--export", str(tmp_path / "none"))[0] == 2


def test_records_are_shown_by_kind_and_subject_with_nothing_that_moves_the_cursor(run: Run, recorded: Path) -> None:
    code, out, _ = run("audit", "show", "--kind", "decision", "-o", "json")
    assert code == 0
    assert [record["subject"] for record in json.loads(out)] == ["dec-1", "dec-2"]
    code, out, _ = run("audit", "show", "--subject", "dec-3")
    assert code == 0
    assert "merge" in out
    assert "dec-1" not in out
    assert "\x1b" not in out.replace("\x1b[1m", "").replace("\x1b[0m", "")


def test_the_record_is_held_against_the_tips_in_git(run: Run, recorded: Path, tmp_path: Path) -> None:
    second = json.loads(run("audit", "show", "--subject", "dec-2", "-o", "json")[1])[0]
    repository = tmp_path / "gitops.git"
    anchored(repository, f"{second['sequence']}:{second['digest']}")
    code, out, _ = run("audit", "verify", "--repo", str(repository))
    assert code == 0
    assert "1 anchored in Git" in out
    rewrite(recorded, "DROP TRIGGER records_no_delete", "DELETE FROM records WHERE sequence > 1")
    assert run("audit", "verify")[0] == 0
    code, _, err = run("audit", "verify", "--repo", str(repository))
    assert code == 1
    assert "ends too early" in err


def anchored(path: Path, tip: str) -> None:
    """A bare repository whose one commit on main carries the tip, as git itself writes it."""

    def git(*arguments: str, text: str = "") -> str:
        environment = {
            "PATH": os.environ["PATH"],
            "GIT_CONFIG_GLOBAL": "/dev/null",
            "GIT_CONFIG_NOSYSTEM": "1",
            **{f"GIT_{who}_{what}": "ada" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
        }
        ran = subprocess.run(
            ["git", *arguments], input=text, env=environment, capture_output=True, text=True, check=True
        )
        return ran.stdout.strip()

    git("init", "--quiet", "--bare", "--initial-branch=main", str(path))
    where = f"--git-dir={path}"
    tree = git(where, "mktree")
    commit = git(where, "commit-tree", tree, text=f"Roll back payments-api\n\nPenstock-Record-Tip: {tip}\n")
    git(where, "update-ref", "refs/heads/main", commit)


# The switch


def test_the_switch_is_moved_with_a_reason_and_says_so_afterwards(run: Run, state: Path) -> None:
    assert run("switch", "status")[1] == "normal: policy decides\n"
    code, out, err = run("switch", "freeze", "--reason", "incident 42")
    assert (code, out) == (0, "")
    assert "frozen" in err
    code, out, _ = run("switch", "status")
    user = pwd.getpwuid(os.getuid()).pw_name
    assert code == 0
    assert out.startswith("frozen: ")
    assert f"by {user} at " in out
    assert "incident 42" in out
    assert run("switch", "resume", "--reason", "all clear")[0] == 0
    assert [r["body"]["to"] for r in json.loads(run("audit", "show", "-o", "json")[1])] == ["frozen", "normal"]


def test_a_configured_identity_is_the_one_on_record(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PENSTOCK_IDENTITY", "ada@example.com")
    run("switch", "advisory", "--reason", "drill")
    status = json.loads(run("switch", "status", "-o", "json")[1])
    assert (status["mode"], status["by"], status["reason"]) == ("advisory", "ada@example.com", "drill")


@pytest.mark.parametrize("arguments", [("freeze",), ("freeze", "--reason", " "), ("resume", "--reason", "")])
def test_without_a_reason_the_switch_does_not_move(run: Run, arguments: tuple[str, ...]) -> None:
    code, _, err = run("switch", *arguments)
    assert code == 2
    assert "reason" in err
    assert run("switch", "status")[1].startswith("normal")
    assert json.loads(run("audit", "show", "-o", "json")[1]) == []
