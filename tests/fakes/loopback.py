"""A server on this machine for as long as a block runs, on a free port; each test says how its own answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ssl import SSLContext
from threading import Thread
from typing import Any


@contextmanager
def listening(handler: Callable[..., BaseHTTPRequestHandler], *, tls: SSLContext | None = None) -> Iterator[int]:
    """The port it listens on, over TLS where a context is given."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    port: Any = server.server_port
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield int(port)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
