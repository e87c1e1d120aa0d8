"""What a gate does when the server it asks is gone, slow, somebody else's or talks nonsense."""

from __future__ import annotations

import json
import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from engine.adapters.opa.bundle import Bundle, load_bundle
from engine.adapters.opa.server_process import OpaServerProcess
from engine.core.decision import PolicyIdentity
from engine.core.errors import (
    BadInput,
    CouldNotDecide,
    EvaluatorTimeout,
    EvaluatorUnavailable,
    GarbledDecision,
    UnfitBundle,
)

AskServer = Callable[..., Any]
EXPECTED = PolicyIdentity(revision="right", digest="sha256:00")
PROVENANCE = {"bundles": {"bundle.tar.gz": {"revision": "right"}}}
VERDICT = {
    "outcome": "allow",
    "tier": 1,
    "risk": "safe",
    "mode": "enforce",
    "violations": [],
    "approvals": {"required": [], "satisfied": [], "missing": []},
    "obligations": [],
    "path_to_allow": [],
    "rules": [],
    "exceptions": [],
    "ttl_seconds": 60,
}


def answer(body: bytes, status: str = "200 OK", kind: str = "application/json", *extra: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", f"Content-Length: {len(body)}", *extra]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def said(result: Any) -> bytes:
    return answer(json.dumps({"provenance": PROVENANCE, "result": result}).encode())


def receive(connection: socket.socket) -> bytes:
    some = connection.recv(65536)
    if not some:
        raise ConnectionError("closed")
    return some


def read_request(connection: socket.socket) -> bytes:
    received = b""
    while b"\r\n\r\n" not in received:
        received += receive(connection)
    head, _, body = received.partition(b"\r\n\r\n")
    lines = head.lower().decode().splitlines()
    length = next((int(x.split(":")[1]) for x in lines if x.startswith("content-length")), 0)
    while len(body) < length:
        body += receive(connection)
    return head + b"\r\n\r\n" + body


@contextmanager
def serving(behave: Callable[[socket.socket], None]) -> Iterator[str]:
    """A loopback server that reads each request and then does what the test wants with the connection."""
    listener = socket.create_server(("127.0.0.1", 0))
    opened: list[socket.socket] = []

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            opened.append(connection)
            threading.Thread(target=talk, args=(connection,), daemon=True).start()

    def talk(connection: socket.socket) -> None:
        try:
            while connection.fileno() != -1:
                read_request(connection)
                behave(connection)
        except OSError:
            connection.close()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for connection in opened:
            connection.close()


def test_a_well_formed_answer_of_the_right_bundle_is_taken(ask_server: AskServer) -> None:
    with serving(lambda c: c.sendall(said(VERDICT))) as url:
        assert ask_server(url, EXPECTED).decide(b"{}").outcome == "allow"


GARBLED = {
    "undefined": answer(json.dumps({"provenance": PROVENANCE}).encode()),
    "a field short": said({k: v for k, v in VERDICT.items() if k != "mode"}),
    "a field more": said({**VERDICT, "allow": True}),
    "a number as text": said({**VERDICT, "tier": "1"}),
    "a truth as number": said({**VERDICT, "tier": True}),
    "an outcome of its own": said({**VERDICT, "outcome": "allowed"}),
    "a result that is only true": said(True),
    "a result that is null": said(None),
    "a list": answer(b"[]"),
    "half of it": answer(said(VERDICT).partition(b"\r\n\r\n")[2][:40]),
    "two documents": answer(said(VERDICT).partition(b"\r\n\r\n")[2] * 2),
    "no bytes": answer(b""),
    "a page": answer(b"<html>all is well</html>", "200 OK", "text/html"),
    "not text": answer(b"\xff\xfe\x00"),
    "too deep": answer(b"[" * 100_000),
}


@pytest.mark.parametrize("body", GARBLED.values(), ids=GARBLED.keys())
def test_a_garbled_answer_is_no_decision(ask_server: AskServer, body: bytes) -> None:
    with serving(lambda c: c.sendall(body)) as url, pytest.raises(GarbledDecision):
        ask_server(url, EXPECTED).decide(b"{}")


def broken(connection: socket.socket) -> None:
    connection.close()


def cut(connection: socket.socket) -> None:
    connection.sendall(said(VERDICT)[:200])
    connection.close()


UNAVAILABLE: dict[str, Callable[[socket.socket], None]] = {
    "dropped before the answer": broken,
    "dropped within the answer": cut,
    "an inner error": lambda c: c.sendall(answer(b'{"message": "oh no"}', "500 Internal Server Error")),
    "not found": lambda c: c.sendall(answer(b"{}", "404 Not Found")),
    "not let in": lambda c: c.sendall(answer(b"{}", "401 Unauthorized")),
    "not HTTP": lambda c: c.sendall(b"SSH-2.0-OpenSSH_9.6\r\n"),
}


@pytest.mark.parametrize("behave", UNAVAILABLE.values(), ids=UNAVAILABLE.keys())
def test_a_server_that_fails_is_unavailable(ask_server: AskServer, behave: Callable[[socket.socket], None]) -> None:
    with serving(behave) as url, pytest.raises(EvaluatorUnavailable):
        ask_server(url, EXPECTED).decide(b"{}")


def test_a_redirect_is_not_followed(ask_server: AskServer) -> None:
    asked: list[bytes] = []
    with serving(lambda c: (asked.append(b"x"), c.sendall(said(VERDICT)))[1]) as other:
        moved = answer(b"", "307 Temporary Redirect", "text/plain", f"Location: {other}/v1/data/gate/decision/verdict")
        with serving(lambda c: c.sendall(moved)) as url, pytest.raises(CouldNotDecide):
            ask_server(url, EXPECTED).decide(b"{}")
    assert asked == []


def test_a_server_that_never_answers_is_a_timeout(ask_server: AskServer) -> None:
    with serving(lambda _: None) as url, pytest.raises(EvaluatorTimeout):
        ask_server(url, EXPECTED, seconds=0.2).decide(b"{}")


def test_a_server_that_drips_cannot_hold_a_decision_beyond_its_time(ask_server: AskServer) -> None:
    ended = threading.Event()

    def drip(connection: socket.socket) -> None:
        for byte in said(VERDICT):
            connection.sendall(bytes([byte]))
            if ended.wait(0.1):
                return

    with serving(drip) as url:
        with pytest.raises(EvaluatorTimeout):
            ask_server(url, EXPECTED, seconds=0.4).decide(b"{}")
        ended.set()


@pytest.mark.parametrize("status", ["500 Internal Server Error", "502 Bad Gateway", "504 Gateway Timeout"])
def test_nothing_is_asked_twice(ask_server: AskServer, status: str) -> None:
    asked: list[int] = []
    behave = lambda c: (asked.append(1), c.sendall(answer(b"{}", status)))[1]  # noqa: E731
    with serving(behave) as url, pytest.raises(EvaluatorUnavailable):
        ask_server(url, EXPECTED).decide(b"{}")
    assert asked == [1]


def test_no_server_at_all_is_unavailable(ask_server: AskServer) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(EvaluatorUnavailable, match="embedded evaluator"):
        ask_server(url, EXPECTED).decide(b"{}")


@pytest.mark.parametrize("provenance", [None, {}, {"bundles": {}}, {"bundles": {"a": {"revision": "older"}}}, "right"])
def test_another_policy_than_the_expected_one_is_an_unfit_bundle(ask_server: AskServer, provenance: Any) -> None:
    body = json.dumps({"provenance": provenance, "result": VERDICT}).encode()
    with serving(lambda c: c.sendall(answer(body))) as url:
        engine = ask_server(url, EXPECTED)
        with pytest.raises(UnfitBundle, match="right"):
            engine.decide(b"{}")
        with pytest.raises(UnfitBundle):
            engine.data("people")


def test_a_real_server_with_another_policy_is_refused(
    ask_server: AskServer, serve: Any, bundle: Bundle, policies: Path, cache: Path, opa: Path
) -> None:
    (policies / "rego/gate/data/limits/data.yaml").write_text("pods: 1000\n")
    lax = load_bundle(policies, cache=cache, opa=lambda: opa)
    with pytest.raises(UnfitBundle, match=bundle.revision):
        ask_server(serve(lax).url, bundle.identity, seconds=20).decide(b'{"pods": 4}')


def test_no_proxy_of_the_environment_sees_a_decision(ask_server: AskServer, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []
    with serving(lambda c: (seen.append(1), c.sendall(said(VERDICT)))[1]) as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy)
        monkeypatch.delenv("no_proxy", raising=False)
        with serving(lambda c: c.sendall(said(VERDICT))) as url:
            ask_server(url, EXPECTED).decide(b"{}")
    assert seen == []


def test_no_text_of_the_input_gets_into_the_address(ask_server: AskServer) -> None:
    heads: list[bytes] = []

    def behave(connection: socket.socket) -> None:
        connection.sendall(said(VERDICT))

    listener = socket.create_server(("127.0.0.1", 0))

    def accept() -> None:
        connection, _ = listener.accept()
        heads.append(read_request(connection).partition(b"\r\n")[0])
        behave(connection)

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    ask_server(url, EXPECTED).decide(b'{"action": {"kind": "../../../v1/policies?x=1#"}}')
    thread.join(10)
    listener.close()
    assert heads == [b"POST /v1/data/gate/decision/verdict?provenance=true HTTP/1.1"]


@pytest.mark.parametrize(
    "url",
    ["", "127.0.0.1:8181", "ftp://127.0.0.1", "http://u:p@127.0.0.1", "http://127.0.0.1/v1", "http://h:x", "http://"],
)
def test_an_address_that_is_more_or_less_than_one_is_bad_input(ask_server: AskServer, url: str) -> None:
    with pytest.raises(BadInput, match="PENSTOCK_OPA_URL"):
        ask_server(url, EXPECTED)


def test_a_token_never_travels_in_clear_text(ask_server: AskServer) -> None:
    with pytest.raises(BadInput, match="unencrypted"):
        ask_server("http://opa.example.test:8181", EXPECTED, token="secret")


def test_localhost_is_the_loopback_of_version_four(ask_server: AskServer) -> None:
    with serving(lambda c: c.sendall(said(VERDICT))) as url:
        assert ask_server(url.replace("127.0.0.1", "localhost"), EXPECTED).decide(b"{}").outcome == "allow"


def test_a_server_killed_within_a_decision_is_unavailable(ask_server: AskServer, bundle: Bundle, opa: Path) -> None:
    with OpaServerProcess(opa, bundle) as process:
        inside = threading.Event()

        def forward(connection: socket.socket) -> None:
            request = b'{"input": {"pods": 1, "please": "take for ever"}}'
            upstream = socket.create_connection(("127.0.0.1", int(process.url.rpartition(":")[2])))
            upstream.sendall(
                b"POST /v1/data/gate/decision/verdict?provenance=true HTTP/1.1\r\nHost: opa\r\n"
                b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(request) + request
            )
            inside.set()
            connection.sendall(upstream.recv(65536))
            connection.close()

        def kill() -> None:
            inside.wait(30)
            process.kill()

        killer = threading.Thread(target=kill)
        killer.start()
        with serving(forward) as url, pytest.raises(EvaluatorUnavailable):
            ask_server(url, bundle.identity, seconds=30).decide(b"{}")
        killer.join()


def test_a_server_that_was_killed_is_unavailable_and_a_new_one_answers(
    ask_server: AskServer, bundle: Bundle, opa: Path
) -> None:
    with OpaServerProcess(opa, bundle) as process:
        engine = ask_server(process.url, bundle.identity, seconds=20)
        assert engine.decide(b'{"pods": 1}').outcome == "allow"
        process.kill()
        with pytest.raises(EvaluatorUnavailable):
            engine.decide(b'{"pods": 1}')


def test_a_server_that_cannot_start_says_why(bundle: Bundle, opa: Path, tmp_path: Path) -> None:
    with pytest.raises(EvaluatorUnavailable, match="can't be run"), OpaServerProcess(tmp_path / "none", bundle):
        pass
    script = tmp_path / "opa"
    script.write_text("#!/bin/sh\necho 'no licence' >&2\nexit 3\n")
    script.chmod(0o755)
    with pytest.raises(EvaluatorUnavailable, match="no licence"), OpaServerProcess(script, bundle):
        pass


def test_a_stopped_server_leaves_no_process(bundle: Bundle, opa: Path) -> None:
    with OpaServerProcess(opa, bundle) as process:
        pid = process.pid
        assert Path(f"/proc/{pid}").exists() or shutil.which("ps")
    assert process.pid == 0
    assert not Path(f"/proc/{pid}").exists()
