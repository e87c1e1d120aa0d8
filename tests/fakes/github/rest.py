"""The REST operations, as far as they are used; answers name only what matters, the description makes them whole."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from engine.core.errors import LostRace, NotFound
from tests.fakes.github.description import REPO
from tests.fakes.github.world import APP, NAME, ORG, SLUG, Account, Pull, Said, Written

if TYPE_CHECKING:
    from tests.fakes.github.server import GitHubServer

Who = tuple[Account, int | None]
Route = Callable[["GitHubServer", Who, dict[str, str], dict[str, Any]], tuple[int, Any]]
_CHECKS = {"failure": "failure", "success": "success"}


class Problem(Exception):
    """What GitHub says no with: a status by REST, a type and a path by GraphQL."""

    def __init__(self, status: int, message: str, *, kind: str = "UNPROCESSABLE", path: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.status, self.message, self.kind, self.path = status, message, kind, path


def _pull(server: GitHubServer, match: dict[str, str]) -> Pull:
    found = server.world.pulls.get(int(match.get("pull_number") or match["issue_number"]))
    if found is None:
        raise Problem(404, "Not Found")
    return found


def _user(account: Account) -> dict[str, Any]:
    return {"id": account.id, "login": account.login, "type": account.kind}


def _shown(server: GitHubServer, pull: Pull) -> dict[str, Any]:
    return {
        "number": pull.number,
        "node_id": f"PR_{pull.number}",
        "title": pull.title,
        "body": pull.body,
        "user": _user(pull.by),
        "state": "open" if pull.state == "OPEN" else "closed",
        "created_at": pull.created,
        "updated_at": pull.updated,
        "html_url": f"{server.address}/{ORG}/{NAME}/pull/{pull.number}",
        "head": {"ref": pull.branch, "sha": server.world.head(pull)},
        "base": {"ref": pull.base},
    }


def installation(server: GitHubServer, who: Who, match: dict[str, str], given: dict[str, Any]) -> tuple[int, Any]:
    return 200, {"id": 9001, "app_id": APP, "app_slug": SLUG, "permissions": {}}


def access_token(server: GitHubServer, who: Who, match: dict[str, str], given: dict[str, Any]) -> tuple[int, Any]:
    if given.get("repositories") != [NAME]:
        raise Problem(422, "There is at least one repository that does not exist")
    token, ends = server.installation_token()
    return 201, {"token": token, "expires_at": ends}


def repository(server: GitHubServer, who: Who, match: dict[str, str], given: dict[str, Any]) -> tuple[int, Any]:
    return 200, {"id": 1, "name": NAME, "full_name": f"{ORG}/{NAME}", "default_branch": "main"}


def list_pulls(server: GitHubServer, who: Who, match: dict[str, str], given: dict[str, Any]) -> tuple[int, Any]:
    state, head = given.get("state", "open"), given.get("head", "").partition(":")[2]
    found = [
        pull
        for number, pull in sorted(server.world.pulls.items(), reverse=True)
        if state == "all" or (pull.state == "OPEN") == (state == "open")
        if not head or pull.branch == head
    ]
    size, page = int(given.get("per_page", 30)), int(given.get("page", 1))
    return 200, [_shown(server, pull) for pull in found[size * (page - 1) : size * page]]


def create_pull(server: GitHubServer, who: Who, match: dict[str, str], given: dict[str, Any]) -> tuple[int, Any]:
    world = server.world
    if world.tip(given["head"]) is None:
        raise Problem(422, "Validation Failed: head")
    for pull in world.pulls.values():
        if pull.state == "OPEN" and (pull.branch, pull.base) == (given["head"], given["base"]):
            raise Problem(422, "A pull request already exists")
    made = world.make_pull(
        who[0], given["title"].replace("\n", " ").strip(), given["body"], given["head"], given["base"]
    )
    return 201, _shown(server, made)


def update_pull(server: GitHubServer, who: Who, match: dict[str, str], given: dict[str, Any]) -> tuple[int, Any]:
    pull = _pull(server, match)
    pull.title, pull.body = given.get("title", pull.title), given.get("body", pull.body)
    pull.updated = server.world.now
    if given.get("base", pull.base) != pull.base:
        if server.world.tip(given["base"]) is None:
            raise Problem(422, "Validation Failed: base")
        server.world.rebase(pull, given["base"])
    if given.get("state") == "closed" and pull.state == "OPEN":
        server.world.end(pull, "CLOSED", server.world.head(pull))
    return 200, _shown(server, pull)


def merge_pull(server: GitHubServer, who: Who, match: dict[str, str], given: dict[str, Any]) -> tuple[int, Any]:
    world, pull = server.world, _pull(server, match)
    if given.get("sha") not in (None, world.head(pull)):
        raise Problem(409, "Head branch was modified. Review and try the merge again.")
    if pull.state != "OPEN":
        raise Problem(405, "Pull Request is not mergeable")
    if given.get("merge_method", "merge") not in world.methods:
        raise Problem(405, f"{given['merge_method'].title()} merges are not allowed on this repository.")
    if world.needs_queue:
        raise Problem(405, "Changes must be made through a merge queue")
    if unmet := world.unmet(pull):
        raise Problem(405, f'Required status check "{unmet}" is expected.')
    message = f"{given['commit_title']}\n\n{given['commit_message']}\n"
    made = world.merge(pull, message=message, method=given.get("merge_method", "merge"), by=who[0])
    if made is None:
        raise Problem(405, "Pull Request is not mergeable")
    return 200, {"merged": True, "sha": made, "message": "Pull Request successfully merged"}


def request_reviewers(server: GitHubServer, who: Who, match: dict[str, str], given: dict[str, Any]) -> tuple[int, Any]:
    pull, world = _pull(server, match), server.world
    people = [world.accounts.get(login) for login in given.get("reviewers", ())]
    if None in people or set(given.get("team_reviewers", ())) - set(world.teams):
        raise Problem(422, "Reviews may only be requested from collaborators.")
    pull.asked += [each for each in people if each is not None and each not in pull.asked]
    pull.asked_teams += [team for team in given.get("team_reviewers", ()) if team not in pull.asked_teams]
    return 201, _shown(server, pull)


def set_labels(server: GitHubServer, who: Who, match: dict[str, str], given: dict[str, Any]) -> tuple[int, Any]:
    pull = _pull(server, match)
    if any(len(label) > 50 or "\n" in label for label in given["labels"]):
        raise Problem(422, "Validation Failed: label")
    pull.labels, pull.updated = list(given["labels"]), server.world.now
    return 200, [{"name": label} for label in pull.labels]


def create_comment(server: GitHubServer, who: Who, match: dict[str, str], given: dict[str, Any]) -> tuple[int, Any]:
    pull, world = _pull(server, match), server.world
    written = Written(world.number(), who[0], given["body"], world.now)
    pull.comments.append(written)
    pull.updated = world.now
    return 201, {"id": written.id, "body": written.body, "user": _user(who[0])}


def update_comment(server: GitHubServer, who: Who, match: dict[str, str], given: dict[str, Any]) -> tuple[int, Any]:
    for pull in server.world.pulls.values():
        for written in pull.comments:
            if written.id == int(match["comment_id"]):
                written.body, pull.updated = given["body"], server.world.now
                return 200, {"id": written.id, "body": written.body, "user": _user(written.by)}
    raise Problem(404, "Not Found")


def _ref(name: str, commit: str) -> dict[str, Any]:
    return {"ref": name, "object": {"sha": commit, "type": "commit"}}


def get_ref(server: GitHubServer, who: Who, match: dict[str, str], given: dict[str, Any]) -> tuple[int, Any]:
    name = f"refs/{match['ref']}"
    commit = server.world.git.ref(name)
    if commit is None:
        raise Problem(404, "Not Found")
    return 200, _ref(name, commit)


def matching_refs(server: GitHubServer, who: Who, match: dict[str, str], given: dict[str, Any]) -> tuple[int, Any]:
    found = server.world.git.refs("refs/heads/")
    wanted = f"refs/{match['ref']}"
    return 200, [_ref(name, commit) for name, commit in found.items() if name.startswith(wanted)]


def create_ref(server: GitHubServer, who: Who, match: dict[str, str], given: dict[str, Any]) -> tuple[int, Any]:
    try:
        server.world.move(given["ref"].removeprefix("refs/heads/"), None, given["sha"], who[0])
    except NotFound:
        raise Problem(422, "Object does not exist") from None
    except LostRace:
        raise Problem(422, "Reference already exists") from None
    return 201, _ref(given["ref"], given["sha"])


def update_ref(server: GitHubServer, who: Who, match: dict[str, str], given: dict[str, Any]) -> tuple[int, Any]:
    branch = match["ref"].removeprefix("heads/")
    old = server.world.tip(branch)
    if old is None:
        raise Problem(422, "Reference does not exist")
    server.world.move(branch, old, given["sha"], who[0])
    return 200, _ref(f"refs/{match['ref']}", given["sha"])


def create_run(server: GitHubServer, who: Who, match: dict[str, str], given: dict[str, Any]) -> tuple[int, Any]:
    if who[1] is None:
        raise Problem(403, "You must authenticate via a GitHub App.")
    made = _run(server, Said(server.world.number(), given["name"], given["head_sha"], "", "", "", app=who[1]), given)
    server.world.said.append(made)
    return 201, _shown_run(made)


def update_run(server: GitHubServer, who: Who, match: dict[str, str], given: dict[str, Any]) -> tuple[int, Any]:
    found = next((s for s in server.world.said if s.id == int(match["check_run_id"]) and s.app == who[1]), None)
    if found is None:
        raise Problem(404, "Not Found")
    return 200, _shown_run(_run(server, found, given))


def _run(server: GitHubServer, said: Said, given: dict[str, Any]) -> Said:
    output = given.get("output", {})
    if len(output.get("annotations", ())) > 50:
        raise Problem(422, "No more than 50 annotations")
    said.state = _CHECKS.get(given.get("conclusion", ""), said.state or "pending")
    said.title, said.text = output.get("title", said.title), output.get("text", said.text)
    said.marker, said.at = given.get("external_id", said.marker), said.at or server.world.now
    said.annotations += output.get("annotations", ())
    return said


def _shown_run(said: Said) -> dict[str, Any]:
    done = said.state != "pending"
    return {
        "id": said.id,
        "head_sha": said.head,
        "name": said.name,
        "status": "completed" if done else "in_progress",
        "conclusion": said.state if done else None,
        "output": {"title": said.title, "text": said.text, "annotations_count": len(said.annotations)},
    }


def create_status(server: GitHubServer, who: Who, match: dict[str, str], given: dict[str, Any]) -> tuple[int, Any]:
    if len(given.get("description") or "") > 140:
        raise Problem(422, "description is too long (maximum is 140 characters)")
    world = server.world
    said = Said(world.number(), given["context"], match["sha"], given["state"], given["description"], world.now)
    said.by, said.url = who[0], given.get("target_url")
    world.said.append(said)
    return 201, {"id": said.id, "state": said.state, "context": said.name, "creator": _user(who[0])}


def rules(server: GitHubServer, who: Who, match: dict[str, str], given: dict[str, Any]) -> tuple[int, Any]:
    if not server.world.required or match["branch"] != "main":
        return 200, []
    checks = [
        {"context": name, **({"integration_id": app} if app is not None else {})}
        for name, app in server.world.required.items()
    ]
    asked = {"required_status_checks": checks, "strict_required_status_checks_policy": True}
    return 200, [{"type": "required_status_checks", "parameters": asked, "ruleset_id": 1}]


def activity(server: GitHubServer, who: Who, match: dict[str, str], given: dict[str, Any]) -> tuple[int, Any]:
    wanted = given.get("ref", "").removeprefix("refs/heads/")
    found = []
    for number, (branch, login, old, new) in enumerate(server.world.pushes, 1):
        if wanted in ("", branch):
            actor = _user(server.world.accounts.get(login, server.world.bot))
            kind = "branch_creation" if old == "0" * 40 else "push"
            named = {"ref": f"refs/heads/{branch}", "before": old, "after": new, "activity_type": kind}
            found.append({"id": number, "actor": actor, **named})
    return 200, found[::-1]


ROUTES: dict[tuple[str, str], Route] = {
    ("GET", REPO): repository,
    ("GET", f"{REPO}/installation"): installation,
    ("POST", "/app/installations/{installation_id}/access_tokens"): access_token,
    ("GET", f"{REPO}/pulls"): list_pulls,
    ("POST", f"{REPO}/pulls"): create_pull,
    ("PATCH", f"{REPO}/pulls/{{pull_number}}"): update_pull,
    ("PUT", f"{REPO}/pulls/{{pull_number}}/merge"): merge_pull,
    ("POST", f"{REPO}/pulls/{{pull_number}}/requested_reviewers"): request_reviewers,
    ("PUT", f"{REPO}/issues/{{issue_number}}/labels"): set_labels,
    ("POST", f"{REPO}/issues/{{issue_number}}/comments"): create_comment,
    ("PATCH", f"{REPO}/issues/comments/{{comment_id}}"): update_comment,
    ("GET", f"{REPO}/git/ref/{{ref}}"): get_ref,
    ("GET", f"{REPO}/git/matching-refs/{{ref}}"): matching_refs,
    ("POST", f"{REPO}/git/refs"): create_ref,
    ("PATCH", f"{REPO}/git/refs/{{ref}}"): update_ref,
    ("POST", f"{REPO}/check-runs"): create_run,
    ("PATCH", f"{REPO}/check-runs/{{check_run_id}}"): update_run,
    ("POST", f"{REPO}/statuses/{{sha}}"): create_status,
    ("GET", f"{REPO}/rules/branches/{{branch}}"): rules,
    ("GET", f"{REPO}/activity"): activity,
}
