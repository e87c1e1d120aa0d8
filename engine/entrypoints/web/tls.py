"""The admission listener: TLS beside the API, its certificate taken up anew whenever its files change.

A certificate manager or a rotation replaces the files; whoever connects after that is served the new one. Files that
don't fit each other, as in the moment between two writes, leave the listener with what it has.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Any

from engine.core.errors import BadInput

LOOK_SECONDS = 5.0
START_SECONDS = 20.0


class Certificate:
    """A certificate and key on disk, and the TLS context that serves them."""

    def __init__(self, certificate: Path, key: Path) -> None:
        self._files = (certificate, key)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.minimum_version = ssl.TLSVersion.TLSv1_2
        self._seen: tuple[tuple[int, int], ...] = ()
        if not self.follow():
            raise BadInput(
                "no certificate and key that fit", where=str(certificate), remedy="Give PEM files of one pair"
            )

    def follow(self) -> bool:
        """Take up the files if they have changed; false where they don't fit, and nothing changes then."""
        try:
            seen = tuple((status.st_mtime_ns, status.st_ino) for status in (file.stat() for file in self._files))
            if seen == self._seen:
                return True
            trial = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            trial.load_cert_chain(*self._files)
            self.context.load_cert_chain(*self._files)
        except (OSError, ssl.SSLError):
            return False
        self._seen = seen
        return True


@contextmanager
def listening(app: Any, certificate: Certificate, address: str, port: int) -> Iterator[int]:
    """Serve ``app`` by TLS in a thread until the end of the block; the port it listens on, for 0 a free one."""
    import uvicorn

    config = uvicorn.Config(app, host=address, port=port, log_config=None, log_level="warning", server_header=False)
    config.load()
    config.ssl = certificate.context
    server = uvicorn.Server(config)
    over = Event()
    threads = [Thread(target=server.run, name="admission"), Thread(target=_following, args=(certificate, over))]
    for thread in threads:
        thread.start()
    try:
        yield _port(server, threads[0], address, port)
    finally:
        server.should_exit = True
        over.set()
        for thread in threads:
            thread.join()


def _following(certificate: Certificate, over: Event) -> None:
    while not over.wait(LOOK_SECONDS):
        certificate.follow()


def _port(server: Any, thread: Thread, address: str, port: int) -> int:
    waiting = Event()
    for _ in range(int(START_SECONDS * 50)):
        if server.started and server.servers:
            return int(server.servers[0].sockets[0].getsockname()[1])
        if not thread.is_alive():
            break
        waiting.wait(0.02)
    raise BadInput("can't be listened on", where=f"{address}:{port}", remedy="Set PENSTOCK_ADMISSION_PORT")
