"""An evening on a real Gitea: a repository with its protection, people with accounts, webhooks, and a served gate."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from engine.adapters.git.transport import Token, Transport
from engine.adapters.opa.policy_data import read_data_file
from tests.conftest import ROOT
from tests.e2e.lab.gate import ServedGate, serving, until
from tests.e2e.lab.gitea import GiteaServer, running
from tests.e2e.lab.place import Place
from tests.e2e.lab.recording import recorded_now

OPTED_IN = ROOT / "policies" / "overlays" / "demo.yaml"
KUSTOMIZATION = "apps/payments/overlays/production/kustomization.yaml"
GATE, CHECK, SECRET = "penstock-gate", "penstock/gate", "a-secret-of-the-webhook"
PAYMENTS = ("alice", "bob", "carol", "mallory")


@dataclass
class Evening:
    """Everything that is there, what happened when, and how each attack ended."""

    place: Place
    gate: ServedGate
    cluster: Path
    timeline: list[tuple[str, str]] = field(default_factory=list)
    attacks: list[tuple[str, str]] = field(default_factory=list)

    def tell(self, text: str) -> None:
        """A line of the timeline."""
        self.timeline.append((datetime.now(UTC).strftime("%H:%M:%S"), text))

    def refused(self, attack: str, how: str) -> None:
        """A row of the table of attacks."""
        self.attacks.append((attack, how))

    def proposal(self, proposal_id: str) -> Any:
        """A proposal as the gate has it."""
        return self.gate.ask("GET", f"/v1/proposals/{proposal_id}")

    def pull(self, number: int) -> Any:
        """A pull request as Gitea has it."""
        return self.place.ask("GET", f"/pulls/{number}")

    def review(self, number: int, who: str, event: str = "APPROVED", text: str = "", commit: str = "") -> Any:
        """What a person does on Gitea, in their own name."""
        asked = {"event": event, "body": text or "looks right", **({"commit_id": commit} if commit else {})}
        return self.place.ask("POST", f"/pulls/{number}/reviews", asked, who=self.place.member(who))

    def status(self, head: str) -> tuple[str, str, str]:
        """State, text and author of the last status under the check's name."""
        found = [each for each in self.place.ask("GET", f"/commits/{head}/statuses") if each["context"] == CHECK]
        last = max(found, key=lambda each: each["id"], default=None)
        return (last["status"], last["description"], last["creator"]["login"]) if last else ("", "", "")

    def look(self, number: int) -> tuple[str, str]:
        """State and text of the check, after the gate has looked at a pull request as it is now."""
        done = self.gate.run("proposals", "reconcile", str(number))
        assert "Traceback" not in done.stderr, done.stderr
        return self.status(self.pull(number)["head"]["sha"])[:2]

    def wanted(self, number: int) -> int:
        """How many approvals the gate still wants on a pull request, after looking."""
        state, text = self.look(number)
        found = re.search(r"(\d+) of team:team-payments", text)
        assert state == "pending" and found is not None, (state, text)
        return int(found[1])

    def offer(self, branch: str, who: str, *, message: str = "", email: str = "") -> int:
        """A person's own pull request, which runs one more ledger worker."""
        before = self.place.read(KUSTOMIZATION) or b""
        text = before.replace(b"name: ledger-worker\n    count: 3", b"name: ledger-worker\n    count: 4")
        assert text != before
        self.place.push(branch, KUSTOMIZATION, text, who=who, message=message, email=email)
        asked = {"title": f"Run four ledger workers, says {who}", "head": branch, "base": "main"}
        return int(self.place.ask("POST", "/pulls", asked, who=self.place.member(who))["number"])

    def heard(self, proposal_id: str, before: str) -> Any:
        """The proposal, once the gate has decided again since the decision ``before``."""

        def again() -> Any:
            found = self.proposal(proposal_id)
            return found if found["decision"]["decision_id"] != before else None

        return until(again, "the gate decides again after a webhook")


@contextmanager
def evening(gitea: Path, folder: Path) -> Iterator[Evening]:
    """Start all of it; what was started here is stopped here."""
    with ExitStack() as held:
        (folder / "gitea").mkdir()
        server = held.enter_context(running(gitea, folder / "gitea", ssh=True))
        cluster, history = recorded_now(folder)
        place = Place(server, "acme", "gitops")
        place.create({})
        _push(server, place, history)
        _protect(place)
        settings = _settings(server, place, folder, cluster)
        gate = held.enter_context(serving(settings, folder))
        _hook(place, gate.url)
        yield Evening(place, gate, cluster)


def _push(server: GiteaServer, place: Place, history: Path) -> None:
    admin = server.admin
    url = f"{server.url}/{place.path}.git"
    credential = Token(admin.login, lambda: admin.token)
    transport = Transport(url, history, credential=credential, environment=os.environ)
    transport.run(["push", "--quiet", url, "refs/heads/main:refs/heads/main"], seconds=60)


def _protect(place: Place) -> None:
    """As docs/forges.md says: the check is required, only the gate merges, nobody is above it."""
    place.member(GATE)
    rule = {
        "rule_name": "main",
        "enable_push": False,
        "enable_status_check": True,
        "status_check_contexts": [CHECK],
        "enable_merge_whitelist": True,
        "merge_whitelist_usernames": [GATE],
        "block_admin_merge_override": True,
    }
    place.ask("POST", "/branch_protections", rule)


def _settings(server: GiteaServer, place: Place, folder: Path, cluster: Path) -> dict[str, str]:
    people = {
        f"gitea:{place.member(who).id}": {"teams": ["team-payments"], "roles": [], "emails": [f"{who}@example.com"]}
        for who in PAYMENTS
    }
    # What a person changes keeps to windows by the machine's clock, which this evening doesn't choose.
    data = {**read_data_file(OPTED_IN).value, "people": people, "windows": {"from_tier": 3}}
    (folder / "data.json").write_text(json.dumps(data))
    (folder / "token").write_text(place.member(GATE).token + "\n")
    return {
        "PENSTOCK_STATE": str(folder / "state"),
        "PENSTOCK_SNAPSHOT": str(cluster),
        "PENSTOCK_DATA": str(folder / "data.json"),
        "PENSTOCK_FORGE": "gitea",
        "PENSTOCK_FORGE_URL": server.api,
        "PENSTOCK_FORGE_REPOSITORY": place.path,
        "PENSTOCK_FORGE_TOKEN_FILE": str(folder / "token"),
        "PENSTOCK_WEBHOOK_SECRET": SECRET,
        "PENSTOCK_POLL_SECONDS": "3600",
        "PENSTOCK_GATE_ALL_PULL_REQUESTS": "true",
    }


def _hook(place: Place, url: str) -> None:
    """Everything that the gate may want to look at; polling is far apart, so that webhooks are what wakes it."""
    events = [
        "pull_request",
        "pull_request_review",
        "pull_request_sync",
        "pull_request_comment",
        "issue_comment",
        "push",
    ]
    config = {"url": f"{url}/webhooks/gitea", "content_type": "json", "secret": SECRET}
    events += ["pull_request_label", "pull_request_review_approved", "pull_request_review_rejected"]
    place.ask("POST", "/hooks", {"type": "gitea", "active": True, "events": events, "config": config})
