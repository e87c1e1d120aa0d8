"""Chromium, driven over a pipe by its own protocol: what a person's browser makes of the console.

Nothing but the browser is needed for it. What it complains of (scripts, refused loads, broken pages) is kept.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from select import select
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SECONDS = 60
_QUIET = (
    *("--headless=new", "--remote-debugging-pipe", "--disable-background-networking", "--disable-component-update"),
    *("--no-first-run", "--disable-sync", "--disable-extensions", "--hide-scrollbars", "--disable-gpu"),
)


def found() -> str:
    """The browser of this machine; empty where there is none."""
    return next((path for name in NAMES if (path := shutil.which(name))), "")


class Page:
    """One page of a running browser. ``complaints`` is all that it said against what it was given."""

    def __init__(self, to: int, back: int) -> None:
        self._to, self._back, self._number, self._read = to, back, 0, b""
        self.complaints: list[str] = []
        self._loaded = False
        self._session = ""
        target = self._ask("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self._ask(f"{domain}.enable")

    def open(self, address: str) -> None:
        """Go to an address and wait until it is there."""
        self._go("Page.navigate", url=address)

    def submit(self, form: str, **fields: str) -> None:
        """Fill in a form, named by what it is sent to, press its button and wait for what comes."""
        filled = [f"f.elements[{json.dumps(name)}].value = {json.dumps(value)};" for name, value in fields.items()]
        button = "(f.querySelector('button') || f.querySelector('[type=submit]')).click();"
        wanted = f"const f = document.querySelector('form[action={json.dumps(form)}]');"
        self._go("Runtime.evaluate", expression=f"{{ {wanted} {' '.join(filled)} {button} }}")

    def says(self, expression: str) -> Any:
        """The value of a script's expression, which the browser's owner may run and no page may."""
        answer = self._ask("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def look(self, width: int, *, dark: bool) -> None:
        """Be a screen of this width, of a person who wants it dark or light."""
        self._ask(
            "Emulation.setDeviceMetricsOverride", width=width, height=800, deviceScaleFactor=1, mobile=width < 600
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self._ask("Emulation.setEmulatedMedia", features=[scheme])

    def _go(self, method: str, **parameters: Any) -> None:
        self._loaded = False
        answer = self._ask(method, **parameters)
        assert "exceptionDetails" not in answer and not answer.get("errorText"), answer
        while not self._loaded:
            self._note(self._next())

    def _ask(self, method: str, **parameters: Any) -> Any:
        self._number += 1
        asked: dict[str, Any] = {"id": self._number, "method": method, "params": parameters}
        asked |= {"sessionId": self._session} if self._session else {}
        os.write(self._to, json.dumps(asked).encode() + b"\0")
        while (said := self._next()).get("id") != self._number:
            self._note(said)
        assert "error" not in said, (method, said["error"])
        return said["result"]

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._read:
            assert select([self._back], [], [], SECONDS)[0], "the browser says nothing any more"
            more = os.read(self._back, 1 << 16)
            assert more, "the browser is gone"
            self._read += more
        message, _, self._read = self._read.partition(b"\0")
        return dict(json.loads(message))

    def _note(self, said: dict[str, Any]) -> None:
        method, told = said.get("method"), said.get("params", {})
        if method == "Page.loadEventFired":
            self._loaded = True
        elif method == "Log.entryAdded" and told["entry"]["level"] != "verbose":
            self.complaints.append(f"{told['entry']['source']}: {told['entry']['text']}")
        elif method in ("Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Network.loadingFailed"):
            self.complaints.append(f"{method}: {json.dumps(told)[:300]}")


@contextmanager
def browsing(path: str, folder: Path) -> Iterator[Page]:
    """A page of a browser of its own, until the end of the block; its profile is in ``folder``."""
    (theirs_in, ours_out), (ours_in, theirs_out) = os.pipe(), os.pipe()

    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    wired = f"import os, sys; os.dup2({theirs_in}, 3); os.dup2({theirs_out}, 4); os.execv(sys.argv[1], sys.argv[1:])"
    command = [sys.executable, "-c", wired, path, *_QUIET, *sandbox, f"--user-data-dir={folder}", "about:blank"]
    with (folder.parent / "browser.log").open("wb") as log:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, pass_fds=(theirs_in, theirs_out)
        )
    os.close(theirs_in)
    os.close(theirs_out)
    try:
        yield Page(ours_out, ours_in)
    finally:
        process.terminate()
        process.wait(20)
        os.close(ours_out)
        os.close(ours_in)
