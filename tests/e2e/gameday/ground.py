"""The ground that a game day is played on: the whole lab, healthy, and the hands of those who break things in it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.e2e.cluster.story import Story, beginning, lab
from tests.e2e.forge.evening import OPTED_IN, read_data_file
from tests.e2e.lab.control_plane import ControlPlane
from tests.e2e.lab.gate import until

PIPELINE = "pipeline"
REGISTRY = "registry.example.com"
PRODUCTION = "apps/payments/overlays/production/kustomization.yaml"
STAGING = "apps/payments/overlays/staging/kustomization.yaml"
API = f"{REGISTRY}/payments/payments-api"
APPROVERS = ("alice", "bob")
TEAMS = ("team-payments", "team-checkout", "team-platform")
Stage = dict[str, Any]


@dataclass
class Ground:
    """A story, and the behaviours that its pods have so far."""

    story: Story
    plane: ControlPlane
    folder: Path
    _behaviours: list[Stage] = field(default_factory=list)

    @property
    def stages(self) -> Any:
        """The lab's words for what a kubelet would report."""
        return lab("stages")

    def behave(self, *behaviours: Stage) -> None:
        """From now on pods behave so as well; whoever no behaviour speaks of is well."""
        self._behaviours += behaviours
        path = self.folder / "behaviours.yaml"
        path.write_text(self.stages.as_file([*self.stages.healthy(), *self._behaviours]))
        self.plane.play(path)

    def release(self, path: str, old: str, new: str) -> str:
        """What a release pipeline does: it writes to the branch, unreviewed, and Argo CD applies it. The commit."""
        before = (self.story.place.read(path) or b"").decode()
        assert before.count(old) == 1, (path, old, before.count(old))
        text = before.replace(old, new).encode()
        return self.story.place.push("main", path, text, who=PIPELINE, message=f"Release {' '.join(new.split())}")

    def retag(self, path: str, name: str, tag: str) -> str:
        """A release that changes nothing but the tag of an image in a Kustomization. The commit."""
        text = (self.story.place.read(path) or b"").decode()
        [old] = re.findall(rf'- name: {re.escape(name)}\n    newTag: "[^"]+"', text)
        return self.release(path, old, f'- name: {name}\n    newTag: "{tag}"')

    def image(self, namespace: str, name: str) -> str:
        """What a Deployment runs now."""
        return str(self.workload(namespace, "Deployment", name)["spec"]["template"]["spec"]["containers"][0]["image"])

    def workload(self, namespace: str, kind: str, name: str) -> Any:
        """A workload as it stands."""
        return self.plane.get(kind.lower(), name, "-n", namespace)

    def whole(self, namespace: str, kind: str, name: str) -> bool:
        """Whether every replica that is wanted is of the present template and ready."""
        found = self.workload(namespace, kind, name)
        status, wanted = found.get("status", {}), found["spec"]["replicas"]
        seen = status.get("observedGeneration") == found["metadata"]["generation"]
        counts = {status.get(part, 0) for part in ("replicas", "updatedReplicas", "readyReplicas")}
        return seen and counts == {wanted}


@contextmanager
def prepared(plane: ControlPlane, gitea: Path, folder: Path) -> Iterator[Ground]:
    """The ground until the end of the block: the release that fails is taken back, and Argo CD follows the branch."""
    data = {"PENSTOCK_DATA": str(folder / "gameday.json")}
    with beginning(plane, gitea, folder, data, lambda place: _people(place, folder)) as story:
        ground = Ground(story, plane, folder)
        _let_release(story)
        ground.retag(PRODUCTION, API, ground.image("payments", "payments-api").rpartition(":")[2])
        story.release()
        yield ground


def _people(place: Any, folder: Path) -> None:
    """Two people who may say yes for every team, and no window: the day is played when it is played."""
    everybody = {
        f"gitea:{place.member(who).id}": {"teams": list(TEAMS), "roles": ["senior"], "emails": [f"{who}@example.com"]}
        for who in APPROVERS
    }
    data = {**read_data_file(OPTED_IN).value, "people": everybody, "windows": {"from_tier": 3}}
    (folder / "gameday.json").write_text(json.dumps(data))


def _let_release(story: Story) -> None:
    """The release pipeline may push to the branch, as in many repositories."""
    story.place.member(PIPELINE)
    allowed = {"enable_push": True, "enable_push_whitelist": True, "push_whitelist_usernames": [PIPELINE]}
    story.place.ask("PATCH", "/branch_protections/main", allowed)


def known(ground: Ground, incident_class: str, root: tuple[str, str, str], seconds: float) -> Any:
    """The incident of a class at an object, once the gate has noticed it."""
    key = "/".join(("", *root, ""))

    def look() -> Any:
        found = ground.story.gate.ask("GET", "/v1/incidents")
        mine = [one for one in found if key in one["key"] and one["incident_class"] == incident_class]
        return next((one for one in mine if one["status"] != "resolved"), None)

    try:
        return until(look, "", seconds=seconds)
    except AssertionError:
        found = ground.story.gate.ask("GET", "/v1/incidents")
        others = [f"{one['key']} ({one['incident_class'] or 'novel'}, {one['status']})" for one in found]
        here = [text for text in others if f"/{root[0]}/" in text]
        said = f"no {incident_class} there within {seconds:g} s; in its namespace: {', '.join(here) or 'nothing'}"
        raise AssertionError(said) from None
