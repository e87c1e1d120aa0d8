"""Commits made on this machine and pushed with a deploy key, over SSH to a real server."""

from __future__ import annotations

import os
import subprocess
from functools import partial
from itertools import count
from pathlib import Path

import pytest

from engine.adapters.forge.github.commits import PushedCommits
from engine.adapters.git.mirror import Mirror
from engine.adapters.git.transport import DeployKey, Transport
from engine.core.change.model import Change, FileEdit
from engine.core.errors import ForgeTrouble, ForgeUnreachable, LostRace
from tests.contract.forge.start import FILES
from tests.e2e.forge.evening import Evening
from tests.e2e.lab.place import Place

BRANCH, AT = "penstock/payments-api-1a2b3c4d", "2026-11-14T03:12:00Z"
_numbers = count(1)


@pytest.fixture
def place(night: Evening) -> Place:
    made = Place(night.place.server, "acme", f"by-key-{next(_numbers)}")
    made.create(FILES)
    return made


def key_of(place: Place, folder: Path, *, read_only: bool = False, known: bool = True) -> DeployKey:
    """A new deploy key of the repository, beside the key of the server's host where that is known."""
    folder.mkdir()
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / "key")], check=True)
    public = (folder / "key.pub").read_text()
    place.ask("POST", "/keys", {"title": folder.name, "key": public, "read_only": read_only})
    hosts = ""
    if known:
        host = place.server.folder / "data" / "ssh" / "gitea.rsa"
        said = subprocess.run(["ssh-keygen", "-y", "-f", str(host)], capture_output=True, text=True, check=True).stdout
        hosts = f"[127.0.0.1]:{place.server.ssh_port} {said}"
    (folder / "known_hosts").write_text(hosts)
    return DeployKey(folder / "key")


def mirror_of(place: Place, folder: Path, key: DeployKey) -> Mirror:
    url = f"ssh://git@127.0.0.1:{place.server.ssh_port}/{place.path}.git"
    return Mirror(partial(Transport, url, credential=key, environment=os.environ), folder)


def change_of(mirror: Mirror) -> Change:
    edit = FileEdit("apps/api.yaml", FILES["apps/api.yaml"], b"replicas: 5\n")
    return Change(mirror.head("main"), (edit,), "Give the API five replicas", verified=True)


def test_a_commit_is_pushed_known_again_and_taken_away_by_a_deploy_key(place: Place, tmp_path: Path) -> None:
    mirror = mirror_of(place, tmp_path / "mirror.git", key_of(place, tmp_path / "gate"))
    commits, change = PushedCommits(mirror), change_of(mirror)
    made = commits.publish(BRANCH, None, change, message="Five", at=AT)
    assert place.tip(BRANCH) == made and commits.made(made)
    assert place.read("apps/api.yaml", BRANCH) == b"replicas: 5\n" and place.read("apps/api.yaml") == b"replicas: 2\n"
    assert commits.publish(BRANCH, made, change, message="Five", at=AT) == made
    theirs = place.push(BRANCH, "notes.txt", b"mine\n", who="alice")
    with pytest.raises(LostRace):
        commits.publish(BRANCH, made, change, message="Five, once more", at=AT)
    with pytest.raises(LostRace):
        commits.remove(BRANCH, made)
    assert place.tip(BRANCH) == theirs and not commits.made(theirs)
    mirror.bring(theirs, 0)
    commits.remove(BRANCH, theirs)
    assert place.tip(BRANCH) is None
    mirror.close()


def test_a_key_that_may_only_read_pushes_nothing(place: Place, tmp_path: Path) -> None:
    mirror = mirror_of(place, tmp_path / "mirror.git", key_of(place, tmp_path / "reader", read_only=True))
    change = change_of(mirror)
    with pytest.raises(ForgeTrouble):
        PushedCommits(mirror).publish(BRANCH, None, change, message="Five", at=AT)
    assert place.tip(BRANCH) is None
    mirror.close()


def test_a_host_that_nobody_vouched_for_gets_nothing(place: Place, tmp_path: Path) -> None:
    mirror = mirror_of(place, tmp_path / "mirror.git", key_of(place, tmp_path / "stranger", known=False))
    with pytest.raises(ForgeUnreachable) as refused:
        mirror.head("main")
    assert "known_hosts" in refused.value.remedy
    mirror.close()
