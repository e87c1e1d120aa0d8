"""A server on this machine for as long as a block runs, on a free port; each test says how its own answers, or gives
an app."""

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


@contextmanager
def serving(app: Any) -> Iterator[str]:
    """The address of an ASGI app, served as it is in production."""
    import uvicorn

    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error"))
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started and thread.is_alive():
        thread.join(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)
