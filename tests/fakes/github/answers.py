"""The GraphQL answers: what can be asked for of a pull request, a commit, an account; asked for means looked up."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING, Any

from engine.core.change.model import FileEdit
from engine.core.errors import ChangeRefused, LostRace, NotFound
from tests.fakes.github.graphql import connection
from tests.fakes.github.rest import Problem, Who
from tests.fakes.github.world import NAME, ORG, Account, GivenReview, Pull, Rebased, Said

if TYPE_CHECKING:
    from tests.fakes.github.server import GitHubServer

NOTHING = "0" * 40
_NAMED = re.compile(r"(.*) <(.*)>")


def roots(server: GitHubServer, who: Who) -> dict[str, Any]:
    """What questions and changes begin with, for whoever asks."""
    return {"query": _Query(server, who).root(), "mutation": _Mutation(server, who).root()}


class _Query:
    def __init__(self, server: GitHubServer, who: Who) -> None:
        self._server = server
        self._world = server.world
        self._who = who

    def root(self) -> dict[str, Any]:
        viewer = {"__typename": "User", "databaseId": self._who[0].id, "login": self._who[0].login}
        return {"viewer": viewer, "repository": self._repository, "nodes": self._nodes, "organization": self._org}

    def _repository(self, owner: str, name: str, followRenames: bool = True) -> dict[str, Any]:
        if self._server.trouble.gone or (owner, name) != (ORG, NAME):
            raise Problem(404, "Could not resolve to a Repository", kind="NOT_FOUND", path=("repository",))
        return {"id": "R_1", "pullRequest": self._one, "object": self._object}

    def _one(self, number: int) -> dict[str, Any]:
        if number not in self._world.pulls:
            path = ("repository", "pullRequest")
            raise Problem(404, "Could not resolve to a PullRequest", kind="NOT_FOUND", path=path)
        return self._pull(self._world.pulls[number])

    def _nodes(self, ids: list[str]) -> list[Any]:
        return [self._pull(self._world.pulls[int(each.removeprefix("PR_"))]) for each in ids]

    def _object(self, oid: str) -> dict[str, Any] | None:
        try:
            return self._commit(oid)
        except NotFound:
            return None

    def _org(self, login: str) -> dict[str, Any] | None:
        if login != ORG:
            raise Problem(404, "Could not resolve to an Organization", kind="NOT_FOUND", path=("organization",))
        return {"teams": self._teams}

    def _teams(self, userLogins: list[str], first: int) -> dict[str, Any]:
        asked = {account.id for login in userLogins if (account := self._world.accounts.get(login))}
        found = [team for team, members in sorted(self._world.teams.items()) if members & asked]
        nodes = [{"__typename": "Team", "combinedSlug": f"{ORG}/{team}"} for team in found]
        shown: dict[str, Any] = connection("Team", nodes)(first=first)
        return shown

    def _pull(self, pull: Pull) -> dict[str, Any]:
        world, merged = self._world, pull.state == "MERGED"
        commits = [{"commit": self._commit(each.id)} for each in world.commits(pull)]
        asked: list[dict[str, Any]] = [_actor(each) or {} for each in pull.asked]
        asked += [{"__typename": "Team", "combinedSlug": f"{ORG}/{team}"} for team in pull.asked_teams]
        return {
            "__typename": "PullRequest",
            "id": f"PR_{pull.number}",
            "number": pull.number,
            "title": pull.title,
            "body": pull.body,
            "url": f"{self._server.address}/{ORG}/{NAME}/pull/{pull.number}",
            "state": pull.state,
            "createdAt": pull.created,
            "closedAt": pull.closed,
            "mergedAt": pull.closed if merged else None,
            "baseRefName": pull.base,
            "headRefName": pull.branch,
            "headRefOid": world.head(pull),
            "isCrossRepository": False,
            "author": _actor(pull.by),
            "mergeCommit": self._commit(pull.merge_commit) if pull.merge_commit else None,
            "labels": connection("Label", [{"name": label} for label in pull.labels]),
            "reviewRequests": connection("ReviewRequest", [{"requestedReviewer": each} for each in asked]),
            "reviews": connection("PullRequestReview", [self._review(each) for each in pull.reviews]),
            "timelineItems": lambda itemTypes, **page: self._timeline(pull, itemTypes, **page),
            "comments": connection("IssueComment", [self._comment(each) for each in pull.comments]),
            "commits": connection("PullRequestCommit", commits),
        }

    def _review(self, review: GivenReview) -> dict[str, Any]:
        return {
            "state": review.state,
            "body": review.body,
            "submittedAt": review.at,
            "lastEditedAt": review.edited_at,
            "includesCreatedEdit": False,
            "commit": self._object(review.head) if review.head else None,
            "author": _actor(review.by),
        }

    def _timeline(self, pull: Pull, kinds: list[str], **page: Any) -> dict[str, Any]:
        wanted = {kind.replace("_", " ").title().replace(" ", "") for kind in kinds}
        found = [_rebased(each) if each else None for each in pull.rebased if each is None or each.kind in wanted]
        shown: dict[str, Any] = connection("PullRequestTimelineItems", found)(**page)
        return shown

    def _comment(self, comment: Any) -> dict[str, Any]:
        own = comment.by.id == self._who[0].id
        return {"databaseId": comment.id, "body": comment.body, "viewerDidAuthor": own}

    def _commit(self, oid: str) -> dict[str, Any]:
        commit = self._world.git.describe(oid)
        signed = oid in self._world.signed
        author = self._person(commit.author)
        also = [self._person(found) for found in re.findall(r"(?im)^co-authored-by: *(.+)$", commit.message)]
        committer = {"email": "noreply@github.com", "user": None} if signed else author
        return {
            "__typename": "Commit",
            "oid": oid,
            "signature": {"__typename": "GpgSignature", "isValid": True, "wasSignedByGitHub": True} if signed else None,
            "author": author,
            "committer": committer,
            "authors": connection("GitActor", [author, *also]),
            "status": lambda: self._status(oid),
            "checkSuites": lambda **asked: self._suites(oid, **asked),
        }

    def _person(self, named: str) -> dict[str, Any]:
        found = _NAMED.fullmatch(named.strip())
        email = found[2] if found else named
        account = next((each for each in self._world.accounts.values() if each.address == email), None)
        user = {"__typename": "User", "databaseId": account.id} if account and account.kind == "User" else None
        return {"email": email, "user": user}

    def _said(self, oid: str, *, runs: bool) -> list[Said]:
        return [each for each in self._world.said if each.head == oid and (each.app is not None) == runs]

    def _status(self, oid: str) -> dict[str, Any] | None:
        said = self._said(oid, runs=False)
        return {"context": lambda name: self._context([each for each in said if each.name == name])} if said else None

    def _context(self, said: list[Said]) -> dict[str, Any] | None:
        if not said:
            return None
        last = said[-1]
        return {
            "state": last.state.upper(),
            "description": last.title,
            "targetUrl": last.url,
            "createdAt": last.at,
            "creator": _actor(last.by) if last.by else None,
        }

    def _suites(self, oid: str, filterBy: dict[str, Any], **page: Any) -> dict[str, Any]:
        said = [each for each in self._said(oid, runs=True) if each.name == filterBy["checkName"]]
        apps = sorted({each.app or 0 for each in said})
        suites = [{"app": {"databaseId": app}, "checkRuns": self._runs(said, app)} for app in apps]
        shown: dict[str, Any] = connection("CheckSuite", suites)(**page)
        return shown

    def _runs(self, said: list[Said], app: int) -> Any:
        nodes = [_run(each) for each in said if each.app == app]

        def page(filterBy: dict[str, Any], **asked: Any) -> dict[str, Any]:
            shown: dict[str, Any] = connection("CheckRun", nodes)(**asked)
            return shown

        return page


class _Mutation:
    def __init__(self, server: GitHubServer, who: Who) -> None:
        self._world = server.world
        self._who = who

    def root(self) -> dict[str, Any]:
        return {
            "createCommitOnBranch": self._commit,
            "updateRefs": self._refs,
            "enablePullRequestAutoMerge": self._auto_merge,
        }

    def _commit(self, input: dict[str, Any]) -> dict[str, Any]:
        git, branch = self._world.git, input["branch"]["branchName"]
        if input["branch"]["repositoryNameWithOwner"] != f"{ORG}/{NAME}":
            raise Problem(404, "Could not resolve to a Repository", kind="NOT_FOUND", path=("createCommitOnBranch",))
        tip = self._world.tip(branch)
        if tip != input["expectedHeadOid"] or tip is None:
            raise Problem(409, f"Expected branch to point to {tip}", kind="STALE_DATA", path=("createCommitOnBranch",))
        changes = input["fileChanges"]
        after: dict[str, bytes | None] = {each["path"]: None for each in changes.get("deletions", ())}
        after |= {each["path"]: base64.b64decode(each["contents"]) for each in changes.get("additions", ())}
        edits = [FileEdit(path, git.read(tip, path), data) for path, data in after.items()]
        message = f"{input['message']['headline']}\n\n{input['message'].get('body') or ''}".strip()
        by = self._who[0]
        try:
            made = git.commit(tip, edits, message=message, author=f"{by.login} <{by.address}>", at=self._world.now)
        except ChangeRefused as refusal:
            raise Problem(422, refusal.message, path=("createCommitOnBranch",)) from None
        self._world.signed.add(made)
        self._world.move(branch, tip, made, by)
        return {"commit": {"__typename": "Commit", "oid": made}}

    def _refs(self, input: dict[str, Any]) -> dict[str, Any]:
        world, path = self._world, ("updateRefs",)
        moves = [
            (each["name"].removeprefix("refs/heads/"), each.get("beforeOid"), each["afterOid"])
            for each in input["refUpdates"]
        ]
        for branch, before, _ in moves:
            if before is not None and (world.tip(branch) or NOTHING) != before:
                raise Problem(422, f"{branch} is at another commit", path=path)
        for branch, _, after in moves:
            try:
                world.move(branch, world.tip(branch), None if after == NOTHING else after, self._who[0])
            except LostRace as lost:
                raise Problem(422, lost.message, path=path) from None
        return {"clientMutationId": None}

    def _auto_merge(self, input: dict[str, Any]) -> dict[str, Any]:
        pull = self._world.pulls[int(input["pullRequestId"].removeprefix("PR_"))]
        if input.get("expectedHeadOid") not in (None, self._world.head(pull)):
            raise Problem(422, "Head has moved", path=("enablePullRequestAutoMerge",))
        if pull.auto_merge is not None and self._world.needs_queue:
            raise Problem(422, "Pull request is already in the queue", path=("enablePullRequestAutoMerge",))
        pull.auto_merge = input
        return {"pullRequest": {"__typename": "PullRequest", "number": pull.number}}


def _actor(account: Account | None) -> dict[str, Any] | None:
    if account is None:
        return None
    login = account.login.removesuffix("[bot]") if account.kind == "Bot" else account.login
    return {"__typename": account.kind, "login": login, "databaseId": account.id}


def _rebased(event: Rebased) -> dict[str, Any]:
    by_hand = event.kind == "BaseRefChangedEvent"
    was, became = ("previousRefName", "currentRefName") if by_hand else ("oldBase", "newBase")
    return {"__typename": event.kind, "createdAt": event.at, was: event.was, became: event.became}


def _run(said: Said) -> dict[str, Any]:
    done = said.state != "pending"
    return {
        "status": "COMPLETED" if done else "IN_PROGRESS",
        "conclusion": said.state.upper() if done else None,
        "title": said.title,
        "text": said.text,
        "externalId": said.marker,
        "startedAt": said.at,
    }
