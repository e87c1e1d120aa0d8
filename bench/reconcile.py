"""What a thousand open pull requests cost of the hour's 5,000 points that GitHub gives an App.

The adapter lists them as the gate's poll does, against the loopback GitHub of the tests, which counts points as GitHub
does: when they are first read, in a poll where nothing changed, when ten have changed, and when all are read anew after
half an hour. Run from the repository's root; it needs npm for GitHub's published descriptions. Prints requests and
points; exits with 1 when an hour of polls would take half of the allowance.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from engine.core.moment import shift
from tests.contract.forge.github import GitHubApp
from tests.contract.forge.test_forge_contract import AT, BRANCH, opened
from tests.fakes.github.server import ALLOWANCE

PULLS, CHANGED = 1000, 10
FRESH_AGAIN_SECONDS = 1801


def poll(hub: GitHubApp, name: str) -> int:
    """List everything that is open, and print and give what it cost."""
    hub.server.calls.clear()
    assert len(hub.forge.list_open()) == PULLS
    points = sum(call.points for call in hub.server.calls)
    print(f"{name:<32} {len(hub.server.calls):>9} {points:>7}", flush=True)
    return points


def main() -> int:
    """Print the table; 1 when polling would take half of an hour's allowance."""
    with tempfile.TemporaryDirectory() as folder:
        hub = GitHubApp(Path(folder))
        opened(hub)
        for number in range(1, PULLS):
            hub.world.make_pull(hub.world.bot, f"Change {number}", "text", BRANCH, "main")
        print(f"{'poll of 1,000 open ones':<32} {'requests':>9} {'points':>7}")
        first = poll(hub, "the first")
        again = poll(hub, "nothing changed")
        for number in range(1, CHANGED + 1):
            hub.says(number, "amara")
        hub.world.now = shift(AT, 600)
        for number in range(1, CHANGED + 1):
            hub.world.pulls[number].updated = hub.world.now
        poll(hub, f"{CHANGED} changed")
        hub.world.now = shift(hub.world.now, FRESH_AGAIN_SECONDS)
        anew = poll(hub, "half an hour later")
        hub.close()
    hour = first + anew + 118 * again
    print(f"an hour of polls every 30 s: {hour} of {ALLOWANCE} points")
    return 0 if hour < ALLOWANCE / 2 else 1


if __name__ == "__main__":
    sys.exit(main())
