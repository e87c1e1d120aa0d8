"""A mirror says what the forge holds now, pushes only over what it expects, and never shows its credential."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from engine.adapters.git import mirror as mirror_module
from engine.adapters.git.mirror import Mirror
from engine.adapters.git.repository import ObjectRepository
from engine.adapters.git.transport import Credential, Token, Transport
from engine.core.change.model import FileEdit
from engine.core.errors import (
    ForgeRefused,
    ForgeTrouble,
    ForgeUnreachable,
    LostRace,
    MissingPermission,
    NotFound,
    PenstockError,
    RateLimited,
    RepositoryGone,
    RevokedToken,
)
from tests.integration.git.git_http import SECRET, USER, GitHttp, serving

PERSON, AT = "Person <person@example.com>", "2026-11-14T03:13:00Z"
BRANCH = "refs/heads/penstock/api"
TOKEN = Token(USER, lambda: SECRET)


@pytest.fixture
def served(bare: Path) -> Iterator[GitHttp]:
    with serving(bare) as server:
        yield server


def of(url: str, folder: Path, credential: Credential = None, **given: object) -> Mirror:
    transport = partial(Transport, url, credential=credential, environment=os.environ)
    return Mirror(transport, folder / "mirror.git", **given)  # type: ignore[arg-type]


def edited(repository: ObjectRepository, base: str, data: bytes, message: str = "Change") -> str:
    edit = FileEdit("apps/api.yaml", repository.read(base, "apps/api.yaml"), data)
    return repository.commit(base, [edit], message=message, author=PERSON, at=AT)


@pytest.fixture(params=["file", "http"])
def mirror(request: pytest.FixtureRequest, bare: Path, served: GitHttp, tmp_path: Path) -> Iterator[Mirror]:
    """A mirror of ``bare`` that looks again at each question."""
    url, credential = (str(bare), None) if request.param == "file" else (served.url, TOKEN)
    ticks = iter(range(0, 10**6, 100))
    made = of(url, tmp_path, credential, clock=lambda: float(next(ticks)))
    yield made
    made.close()


def test_it_reads_what_the_forge_holds_and_what_came_since(mirror: Mirror, repository: ObjectRepository) -> None:
    first = mirror.head("main")
    assert first == repository.head("main")
    assert mirror.read(first, "apps/api.yaml") == b"replicas: 2\n"
    second = edited(repository, first, b"replicas: 3\n")
    repository.move("refs/heads/main", first, second)
    assert mirror.head("main") == second
    assert mirror.read(second, "apps/api.yaml") == b"replicas: 3\n"


def test_a_rewritten_base_and_a_branch_that_is_gone_are_followed(mirror: Mirror, repository: ObjectRepository) -> None:
    first = mirror.head("main")
    second, other = (edited(repository, first, data) for data in (b"replicas: 3\n", b"replicas: 4\n"))
    repository.move("refs/heads/main", first, second)
    repository.move(BRANCH, None, other)
    assert mirror.head("main") == second and mirror.ref(BRANCH) == other
    repository.move("refs/heads/main", second, other)
    repository.move(BRANCH, other, None)
    assert mirror.head("main") == other and mirror.ref(BRANCH) is None


def test_only_the_base_the_gate_s_branches_and_a_pull_request_asked_for_are_brought(
    mirror: Mirror, repository: ObjectRepository, bare: Path
) -> None:
    first = repository.head("main")
    theirs = edited(repository, first, b"replicas: 7\n")
    repository.move("refs/heads/fix/something", None, theirs)
    for name in ("refs/pull/12/head", "refs/tags/v1"):
        (bare / name).parent.mkdir(parents=True, exist_ok=True)
        (bare / name).write_text(theirs + "\n")
    mirror.refresh()
    assert set(mirror.refs("refs/heads/")) == {"refs/heads/main"}
    assert not list((bare.parent / "mirror.git" / "refs" / "tags").iterdir())
    assert mirror.pull_head(12) == theirs and mirror.read(theirs, "apps/api.yaml") == b"replicas: 7\n"
    with pytest.raises(NotFound):
        mirror.pull_head(13)


def test_a_commit_of_a_pull_request_is_brought_by_its_id_or_by_its_pull_request(
    mirror: Mirror, repository: ObjectRepository, bare: Path
) -> None:
    theirs = edited(repository, repository.head("main"), b"replicas: 7\n")
    (bare / "refs/pull/12").mkdir(parents=True)
    (bare / "refs/pull/12/head").write_text(theirs + "\n")
    mirror.bring(theirs, 12)
    assert mirror.read(theirs, "apps/api.yaml") == b"replicas: 7\n"
    mirror.bring(theirs, 999)
    with pytest.raises(NotFound):
        mirror.bring("0" * 40, 13)
    with pytest.raises(NotFound):
        mirror.bring("main", 12)


def test_a_push_moves_a_branch_only_from_where_it_is_expected(mirror: Mirror, repository: ObjectRepository) -> None:
    base = mirror.head("main")
    first, second = edited(mirror, base, b"replicas: 5\n"), edited(mirror, base, b"replicas: 6\n")
    mirror.push(first, BRANCH, None)
    assert repository.ref(BRANCH) == first == mirror.ref(BRANCH)
    for expected in (None, base, second):
        with pytest.raises(LostRace):
            mirror.push(second, BRANCH, expected)
    assert repository.ref(BRANCH) == first
    mirror.push(second, BRANCH, first)
    assert repository.ref(BRANCH) == second
    with pytest.raises(LostRace):
        mirror.push(None, BRANCH, first)
    mirror.push(None, BRANCH, second)
    assert repository.ref(BRANCH) is None and mirror.ref(BRANCH) is None


def test_what_the_forge_declines_is_said_and_nothing_moves(
    mirror: Mirror, repository: ObjectRepository, bare: Path
) -> None:
    hook = bare / "hooks" / "pre-receive"
    hook.parent.mkdir()
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    made = edited(mirror, mirror.head("main"), b"replicas: 5\n")
    with pytest.raises((MissingPermission, ForgeRefused), match="declines"):
        mirror.push(made, BRANCH, None)
    assert repository.ref(BRANCH) is None and mirror.ref(BRANCH) is None


def test_no_hook_of_the_copy_or_of_the_user_runs(
    mirror: Mirror, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = tmp_path / "ran"
    hooks = tmp_path / "mirror.git" / "hooks"
    hooks.mkdir()
    for name in ("pre-push", "reference-transaction", "post-checkout"):
        (hooks / name).write_text(f"#!/bin/sh\ntouch {ran}\n")
        (hooks / name).chmod(0o755)
    monkeypatch.setenv("GIT_CONFIG_PARAMETERS", f"'core.hookspath={hooks}'")
    monkeypatch.setenv("GIT_ASKPASS", str(hooks / "pre-push"))
    mirror.push(edited(mirror, mirror.head("main"), b"replicas: 5\n"), BRANCH, None)
    assert not ran.exists()


def test_within_its_bound_it_doesn_t_ask_again(served: GitHttp, tmp_path: Path) -> None:
    now = [0.0]
    kept = of(served.url, tmp_path, TOKEN, clock=lambda: now[0])
    kept.head("main")
    asked = len(served.asked)
    now[0] = mirror_module.FRESH_SECONDS
    kept.head("main")
    assert len(served.asked) == asked
    now[0] += 0.1
    kept.head("main")
    assert len(served.asked) > asked


@pytest.mark.parametrize(
    ("answer", "noun"),
    [
        (401, RevokedToken),
        (403, MissingPermission),
        (404, RepositoryGone),
        (429, RateLimited),
        (500, ForgeUnreachable),
        (302, ForgeUnreachable),
    ],
)
def test_each_way_of_not_answering_has_its_noun_and_shows_no_credential(
    served: GitHttp, tmp_path: Path, answer: int, noun: type[ForgeTrouble]
) -> None:
    kept = of(served.url, tmp_path, TOKEN, clock=iter(range(0, 10**6, 100)).__next__)
    known = kept.head("main")
    served.answer = answer
    made = edited(kept, known, b"replicas: 5\n")
    for ask in (lambda: kept.head("main"), lambda: kept.push(made, BRANCH, None), lambda: kept.pull_head(1)):
        with pytest.raises(noun) as raised:
            ask()
        assert served.url in str(raised.value)
        assert SECRET not in str(raised.value) and "\n" not in str(raised.value)


def test_a_revoked_credential_is_named_so_and_a_new_one_is_taken_at_once(served: GitHttp, tmp_path: Path) -> None:
    secret = ["old"]
    kept = of(served.url, tmp_path, Token(USER, lambda: secret[0]))
    with pytest.raises(RevokedToken) as raised:
        kept.head("main")
    assert "old" not in str(raised.value).split()
    secret[0] = SECRET
    assert kept.head("main")


def test_the_credential_goes_to_the_host_that_was_set_and_no_other(served: GitHttp, bare: Path, tmp_path: Path) -> None:
    with serving(bare) as other:
        served.answer, served.location = 302, f"{other.url}/info/refs?service=git-upload-pack"
        with pytest.raises(PenstockError):
            of(served.url, tmp_path, TOKEN).head("main")
        assert served.asked and not other.asked


def test_the_credential_is_in_no_argument_and_no_file(served: GitHttp, tmp_path: Path) -> None:
    import base64

    kept = of(served.url, tmp_path, TOKEN)
    kept.push(edited(kept, kept.head("main"), b"replicas: 5\n"), BRANCH, None)
    encoded = base64.b64encode(f"{USER}:{SECRET}".encode())
    for file in (path for path in (tmp_path / "mirror.git").rglob("*") if path.is_file()):
        assert SECRET.encode() not in file.read_bytes() and encoded not in file.read_bytes(), file
    assert all(SECRET not in path for path, _ in served.asked)
    assert SECRET not in repr(TOKEN)


def test_nobody_listening_and_no_such_branch(bare: Path, tmp_path: Path) -> None:
    with serving(bare) as server:
        gone = server.url
    with pytest.raises(ForgeUnreachable):
        of(gone, tmp_path, TOKEN).head("main")
    with pytest.raises(NotFound, match="production"):
        of(str(bare), tmp_path / "b", branch="production").head("production")
    with pytest.raises(RepositoryGone):
        of(str(tmp_path / "nothing"), tmp_path / "c").head("main")


def test_an_address_of_a_command_is_never_run(tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    with pytest.raises(PenstockError):
        of(f"ext::sh -c touch% {ran}", tmp_path).head("main")
    assert not ran.exists()


def test_two_that_refresh_at_once_don_t_get_in_each_other_s_way(bare: Path, tmp_path: Path) -> None:
    mirrors = [of(str(bare), tmp_path) for _ in range(3)]
    failed: list[BaseException] = []

    def refresh(each: Mirror) -> None:
        try:
            for _ in range(3):
                each.refresh()
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=refresh, args=(each,)) for each in mirrors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
