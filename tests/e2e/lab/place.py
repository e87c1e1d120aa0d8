"""One repository on the lab's Gitea, and what people do in it with their own accounts."""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import quote

import httpx

from engine.adapters.git.opening import create_bare
from engine.adapters.git.transport import Token, Transport
from tests.e2e.lab.gitea import Account, GiteaServer

WRITE = {"repo.code": "write", "repo.pulls": "write", "repo.issues": "write"}


class Place:
    """A repository of an organisation; both are made when they aren't there. Members of its teams may write."""

    def __init__(self, server: GiteaServer, organisation: str, name: str) -> None:
        self.server = server
        self.organisation = organisation
        self.path = f"{organisation}/{name}"
        self._name = name

    def ask(self, method: str, path: str, body: Any = None, *, who: Account | None = None, **query: Any) -> Any:
        """One request about the repository, as the administrator unless an account is given."""
        return self.server.ask(method, f"/repos/{self.path}{path}", body, who=who, **query)

    def create(self, files: Mapping[str, bytes]) -> None:
        """Make the repository, with these files on ``main`` where there are any."""
        if not any(each["username"] == self.organisation for each in self.server.ask("GET", "/admin/orgs")):
            self.server.ask("POST", "/orgs", {"username": self.organisation})
        self.server.ask("POST", f"/orgs/{self.organisation}/repos", {"name": self._name, "private": True})
        if not files:
            return
        added = [{"operation": "create", "path": path, "content": _coded(data)} for path, data in files.items()]
        self.ask("POST", "/contents", {"files": added, "message": "Import", "branch": "main"})

    def member(self, login: str, team: str = "writers") -> Account:
        """An account in a team that may write to every repository of the organisation."""
        account = self.server.account(login)
        if (self.organisation, team, login) not in self.server.members:
            self.server.ask("PUT", f"/teams/{self._team(team)}/members/{login}")
            self.server.members.add((self.organisation, team, login))
        return account

    def tip(self, branch: str = "main") -> str | None:
        """The commit of a branch, or ``None``."""
        found = self._answer(f"/branches/{quote(branch, safe='')}")
        return str(found.json()["commit"]["id"]) if found is not None else None

    def read(self, path: str, branch: str = "main") -> bytes | None:
        """A file on a branch."""
        found = self._answer(f"/raw/{path}", ref=branch)
        return found.content if found is not None else None

    def push(self, branch: str, path: str, data: bytes, *, who: str, message: str = "", email: str = "") -> str:
        """A commit on a branch with one file written; the branch begins at ``main`` where it isn't there."""
        there = self.tip(branch) is not None
        found = self._answer(f"/contents/{path}", ref=branch if there else "main")
        edit = {"operation": "update" if found is not None else "create", "path": path, "content": _coded(data)}
        if found is not None:
            edit["sha"] = found.json()["sha"]
        asked: dict[str, Any] = {"files": [edit], "message": message or f"Write {path}", "branch": branch}
        if not there:
            asked |= {"branch": "main", "new_branch": branch}
        if email:
            asked["author"] = asked["committer"] = {"name": "Somebody", "email": email}
        return str(self.ask("POST", "/contents", asked, who=self.member(who))["commit"]["sha"])

    def force(self, branch: str, path: str, data: bytes, *, who: str) -> str:
        """A branch made anew on ``main`` with one file written, over whatever it held; its new commit."""
        person, scratch = self.member(who), f"{branch}-anew"
        commit = self.push(scratch, path, data, who=who)
        url = f"{self.server.url}/{self.path}.git"
        with TemporaryDirectory() as folder:
            create_bare(Path(folder) / "copy.git")
            credential = Token(person.login, lambda: person.token)
            over = Transport(url, Path(folder) / "copy.git", credential=credential, environment=os.environ)
            over.run(["fetch", "--quiet", url, f"refs/heads/{scratch}"], seconds=60)
            over.run(["push", "--quiet", url, f"+{commit}:refs/heads/{branch}"], seconds=60)
        return commit

    def _team(self, name: str) -> int:
        teams = self.server.ask("GET", f"/orgs/{self.organisation}/teams")
        found = next((team for team in teams if team["name"] == name), None)
        asked = {"name": name, "permission": "write", "units_map": WRITE, "includes_all_repositories": True}
        found = found or self.server.ask("POST", f"/orgs/{self.organisation}/teams", asked)
        return int(found["id"])

    def _answer(self, path: str, **query: Any) -> httpx.Response | None:
        given = {"Authorization": f"token {self.server.admin.token}"}
        address = f"{self.server.api}/repos/{self.path}{path}"
        found = self.server.client.get(address, params=query, headers=given)
        if found.status_code == 404:
            return None
        found.raise_for_status()
        return found


def _coded(data: bytes) -> str:
    return base64.b64encode(data).decode()
