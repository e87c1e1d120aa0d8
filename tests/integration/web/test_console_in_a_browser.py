"""The console in a real browser: one walk through it, on a phone and wide, in the dark and in the light.

It needs Chromium on PATH, and says so where there is none.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.core.lifecycle import ProposalState
from tests.fakes.loopback import serving
from tests.integration.web.browser import Page, browsing, found
from tests.integration.web.conftest import Http

WIDTHS = (360, 1280)
WIDER = "document.scrollingElement.scrollWidth > document.documentElement.clientWidth"
BACKGROUND = "getComputedStyle(document.body).backgroundColor"
PREVIOUS = {"to_revision": "previous"}
BODY = "document.body.innerText"


@pytest.fixture
def page(door: Http, tmp_path: Path) -> Iterator[tuple[Page, str]]:
    path = found()
    if not path:
        pytest.skip("no Chromium on PATH, so the console isn't looked at in a browser")
    with serving(door.client.app) as address, browsing(path, tmp_path / "profile") as opened:
        yield opened, f"{address}/console"


def test_a_person_walks_through_the_console_and_the_browser_has_nothing_to_complain_of(
    page: tuple[Page, str], door: Http, desk: Any
) -> None:
    browser, console = page
    rolled: ProposalState = desk.propose("rollback_workload", "Deployment/payments-api", params=PREVIOUS)
    signs_in(browser, f"{console}/incidents/{desk.incident.id}", door.tokens["dana"])
    pages = {
        "incidents": "Going on",
        f"incidents/{desk.incident.id}": "payments-api",
        f"incidents/{desk.incident.id}/hand-over": "Hand-over",
        f"incidents/{desk.incident.id}/postmortem": "Post-mortem",
        "proposals": "Proposals",
        f"proposals/{rolled.id}": "Rollback workload",
        "matrix": "What may happen",
        "simulator": "What if",
        "figures": "Figures",
        "switch": "Kill switch",
        "identities": "Identities",
    }
    for path, title in pages.items():
        looked_at(browser, f"{console}/{path}", title)
    browser.open(f"{console}/simulator")
    browser.submit("/console/simulator", subject=rolled.decision_id, switch="frozen")
    assert "switch/frozen" in browser.says(BODY)
    browser.open(f"{console}/switch")
    browser.submit("/console/switch", to="frozen", reason="a bad <script>night</script>")
    assert "frozen" in browser.says(BODY)
    assert [record.body["by"] for record in desk.records("switch")] == ["dana"]
    assert browser.complaints == []
    what_runs_nowhere(browser)


def signs_in(browser: Page, wanted: str, token: str) -> None:
    """With the wrong word nothing opens; with the right one, the page that was asked for."""
    browser.open(wanted)
    assert browser.says("location.pathname") == "/console/sign-in"
    browser.submit("/console/sign-in", token="guess")
    assert "/sign-in" in browser.says("location.pathname")
    assert browser.complaints and all("401" in one for one in browser.complaints), browser.complaints
    browser.complaints.clear()
    browser.submit("/console/sign-in", token=token)
    assert browser.says("location.href") == wanted
    assert browser.says("document.cookie") == ""


def looked_at(browser: Page, address: str, title: str) -> None:
    """The page on both screens and in both lights: nothing sticks out, and it is really dark in the dark."""
    browser.open(address)
    assert title in browser.says("document.title + document.body.innerText"), address
    seen = set()
    for width in WIDTHS:
        for dark in (True, False):
            browser.look(width, dark=dark)
            assert browser.says(WIDER) is False, f"{address} is wider than {width} pixels"
            seen.add((dark, browser.says(BACKGROUND)))
    assert len(seen) == 2 and len({colour for _, colour in seen}) == 2, (address, seen)
    assert browser.complaints == [], address


def what_runs_nowhere(browser: Page) -> None:
    """Had words become a script or an image after all, this browser would run and load neither."""
    browser.says("const s = document.createElement('script'); s.text = 'window.ran = 1'; document.body.append(s); 0")
    browser.says("document.body.append(Object.assign(new Image(), {src: 'http://127.0.0.1:9/x.png'})); 0")
    assert browser.says("window.ran") is None
    assert sum("Content Security Policy" in one for one in browser.complaints) == 2, browser.complaints
