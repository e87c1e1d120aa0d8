"""A refusal is on record even when the database couldn't be reached, once, and as it was said."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from engine.adapters.store.ledger import open_ledger
from engine.adapters.store.spool import Spool
from engine.core.errors import BadInput, LedgerUnavailable
from engine.core.record import Entry, Record, verify_chain

AT, LATER = "2026-11-14T03:12:00Z", "2026-11-14T03:20:00Z"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "spool"


def refusal(number: int) -> Entry:
    return Entry("refusal", f"act-{number}", {"reason": "ledger_unavailable", "n": number})


def spool(folder: Path, *entries: Entry, at: str = AT) -> Path:
    before = set(folder.glob("*.jsonl"))
    with Spool(folder) as writer:
        for entry in entries:
            writer.append(entry, at=at)
    (made,) = set(folder.glob("*.jsonl")) - before
    return made


def recorded(folder: Path) -> list[Record]:
    with open_ledger(f"sqlite:///{folder.parent / 'penstock.db'}") as ledger:
        verify_chain(ledger.export())
        return list(ledger.export())


def test_opening_the_ledger_takes_the_spool_into_the_chain_with_its_own_time(folder: Path) -> None:
    spool(folder, refusal(1), refusal(2))
    first, second = recorded(folder)
    assert (first.kind, first.subject, first.at) == ("refusal", "act-1", AT)
    assert first.body["n"] == 1
    assert first.body["spooled"]["at"] == AT
    assert second.subject == "act-2"
    assert list(folder.iterdir()) == []


def test_files_are_taken_in_the_order_they_were_written(folder: Path) -> None:
    for number in range(12):
        spool(folder, refusal(number), at=LATER)
    assert [record.subject for record in recorded(folder)] == [f"act-{number}" for number in range(12)]


def test_opening_again_records_nothing_twice(folder: Path) -> None:
    spool(folder, refusal(1))
    assert len(recorded(folder)) == 1
    assert len(recorded(folder)) == 1


def test_a_file_put_back_under_another_name_is_not_recorded_again(folder: Path) -> None:
    path = spool(folder, refusal(1), refusal(2))
    kept = path.read_bytes()
    recorded(folder)
    (folder / "999-again.jsonl").write_bytes(kept)
    assert len(recorded(folder)) == 2


def test_a_file_whose_writer_lives_is_left_to_it(folder: Path) -> None:
    with Spool(folder) as writer:
        writer.append(refusal(1), at=AT)
        assert recorded(folder) == []
        writer.append(refusal(2), at=AT)
    assert [record.subject for record in recorded(folder)] == ["act-1", "act-2"]


def test_an_open_ledger_takes_in_what_is_spooled_later(folder: Path) -> None:
    with open_ledger(f"sqlite:///{folder.parent / 'penstock.db'}") as ledger:
        assert ledger.absorb() == 0
        spool(folder, refusal(1), refusal(2))
        assert ledger.absorb() == 2
        assert ledger.absorb() == 0


def test_a_line_cut_short_was_never_acknowledged_and_is_kept_for_people(folder: Path) -> None:
    path = spool(folder, refusal(1), refusal(2))
    path.write_bytes(path.read_bytes()[:-10])
    first, second = recorded(folder)
    assert first.subject == "act-1"
    assert (second.kind, second.subject) == ("spool_unreadable", f"{path.stem}:2")
    assert "never acknowledged" in second.body["reason"]
    assert [left.suffix for left in folder.iterdir()] == [".unreadable"]
    assert len(recorded(folder)) == 2


@pytest.mark.parametrize(
    "line",
    [
        b"not json",
        b"[]",
        b'{"id":"x"}',
        b'{"id":"x","id":"y","at":"2026-11-14T03:12:00Z","kind":"k","subject":"s","body":{}}',
        b'{"id":"","at":"2026-11-14T03:12:00Z","kind":"k","subject":"s","body":{}}',
        b'{"id":"x","at":"soon","kind":"k","subject":"s","body":{}}',
        b'{"id":"x","at":"2026-11-14T03:12:00Z","kind":"k","subject":"s","body":[]}',
        b'{"id":"x","at":"2026-11-14T03:12:00Z","kind":"k","subject":"s","body":{"n":1152921504606846977}}',
    ],
)
def test_a_line_that_is_no_entry_is_said_in_the_record_and_the_rest_is_taken(folder: Path, line: bytes) -> None:
    path = spool(folder, refusal(1), refusal(2))
    first, second = path.read_bytes().splitlines()
    path.write_bytes(b"\n".join((first, line, second)) + b"\n")
    assert [record.kind for record in recorded(folder)] == ["refusal", "spool_unreadable", "refusal"]


def test_a_file_of_another_user_is_refused_rather_than_believed(folder: Path) -> None:
    path = spool(folder, refusal(1))
    if os.geteuid() != 0:
        path.unlink()
        path.symlink_to("/etc/passwd")
    else:
        os.chown(path, 65534, 65534)
    with pytest.raises(LedgerUnavailable, match="spool"):
        recorded(folder)
    assert path.is_symlink() or path.exists()


def test_a_link_is_not_followed(folder: Path, tmp_path: Path) -> None:
    spool(folder, refusal(1)).rename(tmp_path / "elsewhere")
    (folder / "1-link.jsonl").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(LedgerUnavailable, match="spool"):
        recorded(folder)


def test_only_its_user_may_read_the_spool(folder: Path) -> None:
    path = spool(folder, refusal(1))
    assert folder.stat().st_mode & 0o077 == 0
    assert path.stat().st_mode & 0o077 == 0
    assert path.name.startswith(f"{os.getpid()}-")


def test_an_entry_that_cannot_be_kept_is_an_error_and_not_a_silence(tmp_path: Path) -> None:
    (tmp_path / "spool").write_text("a file where the folder should be")
    with Spool(tmp_path / "spool") as writer, pytest.raises(LedgerUnavailable, match="spooled"):
        writer.append(refusal(1), at=AT)


@pytest.mark.parametrize(
    ("entry", "at"),
    [
        (Entry("refusal", "x", {"spooled": {}}), AT),
        (Entry("refusal", "x", {"n": float("nan")}), AT),
        (Entry("refusal", "x", {}), "now"),
    ],
    ids=["takes the mark", "not JSON", "no time"],
)
def test_an_entry_that_could_not_be_absorbed_is_refused_at_once(folder: Path, entry: Entry, at: str) -> None:
    with Spool(folder) as writer:
        with pytest.raises(BadInput):
            writer.append(entry, at=at)
        writer.append(refusal(1), at=AT)
    assert [record.subject for record in recorded(folder)] == ["act-1"]


def test_nothing_is_made_before_the_first_entry(folder: Path) -> None:
    Spool(folder).close()
    assert not folder.exists()


def test_spooling_needs_no_database_library() -> None:
    program = "import sys, engine.adapters.store.spool; sys.exit('sqlalchemy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
