"""A pull request as Gitea shows it, in the gate's words.

Gitea keeps in the timeline who pushed which commits and when a review's text was changed; nobody can write that there
by hand. What a commit says of itself anybody can write, so whoever pushed counts as a writer beside whomever it names,
and until that is known everybody who reviewed may be the one.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from engine.adapters.forge.gitea.accounts import NOBODY, Accounts, account
from engine.adapters.forge.gitea.api import GiteaApi, understood
from engine.adapters.forge.gitea.documents import CommitDocument, Event, PullDocument, ReviewDocument, Status
from engine.adapters.forge.marker import CLOSING, COMMENT, Hidden, split_state, unmarked
from engine.adapters.forge.mirror import MADE, Mirror
from engine.core.check_report import CHECK_NAME, CheckReport, CheckState
from engine.core.moment import format_instant, parse_instant
from engine.core.pull_request import PullRequest, Review, ReviewState
from engine.core.untrusted import clean

OWN_BRANCHES = "penstock/"
MARKER = "#penstock-"
REBASED = "change_target_branch"
_STATES: dict[str, ReviewState] = {"APPROVED": "approved", "REQUEST_CHANGES": "rejected", "COMMENT": "commented"}
_CHECKS: dict[str, CheckState] = {"success": "success", "pending": "pending"}
_NOTHING = Hidden("", "", "")


@dataclass(frozen=True, slots=True)
class Push:
    """Who pushed, and the commits that came with it."""

    by: str
    own: bool
    commits: frozenset[str]


class Reader:
    """Reads pull requests of one repository."""

    def __init__(self, api: GiteaApi, accounts: Accounts, mirror: Mirror) -> None:
        self._api = api
        self._accounts = accounts
        self._mirror = mirror

    def is_own(self, document: PullDocument) -> bool:
        """Whether the gate made it: its account, on a branch of its own in the repository itself."""
        own = self._accounts.is_own(document.user) and not document.foreign
        return own and document.head.branch.startswith(OWN_BRANCHES)

    def hidden(self, document: PullDocument) -> Hidden:
        """What the gate hid in a pull request of its own; nothing for any other, or where it was taken out."""
        return split_state(document.body)[1] or _NOTHING if self.is_own(document) else _NOTHING

    def timeline(self, document: PullDocument) -> list[Event]:
        """Everything that happened to it, oldest first."""
        events = self._api.pages(f"/issues/{document.number}/timeline")
        return sorted((understood(Event, each, where="timeline") for each in events), key=lambda event: event.id)

    def shown(self, document: PullDocument) -> PullRequest:
        """The pull request with its reviews, comments, writers and check, all read now."""
        hidden, events = self.hidden(document), self.timeline(document)
        reviews, pushes = tuple(self._reviews(document, events)), tuple(self._pushes(events))
        edited = not self._made(document.head.head, pushes)
        if document.state == "open":
            self._mirror.bring(document.head.head, document.number)
        return PullRequest(
            number=document.number,
            key=hidden.key,
            branch=document.head.branch,
            base=document.base.branch,
            head=document.head.head,
            title=document.title,
            body=split_state(document.body)[0] if self.is_own(document) else document.body.replace("\r\n", "\n"),
            state=document.standing,
            author=account(document.user),
            action_digest=hidden.action_digest,
            decision_id=hidden.decision_id,
            opened_at=_instant(document.created_at),
            closed_at=_instant(document.merged_at or document.closed_at),
            merge_commit=document.merge_commit or "" if document.merged else "",
            edited_by_person=edited,
            labels=tuple(label.name for label in document.labels or ()),
            reviewers=tuple(self._asked(document)),
            reviews=reviews,
            comments=tuple(self._comments(events)),
            url=document.url,
            writers=tuple(sorted(self._writers(document, reviews, pushes))) if edited else (),
            check=self._check(document.head.head),
        )

    def own_comment(self, events: Iterable[Event], mark: str) -> tuple[int, str] | None:
        """Id and text of the gate's own comment with a mark; one by anybody else isn't it, whatever it holds."""
        for event in events:
            text = unmarked(event.body, mark) if event.type == "comment" else None
            if text is not None and self._accounts.is_own(event.user):
                return event.id, text
        return None

    def _comments(self, events: Sequence[Event]) -> Iterable[str]:
        found = (self.own_comment(events, mark) for mark in (COMMENT, CLOSING))
        return (each[1] for each in found if each is not None)

    def _asked(self, document: PullDocument) -> Iterable[str]:
        organisation = self._api.repository.partition("/")[0]
        yield from (account(person) for person in document.people or ())
        yield from (f"gitea:{organisation}/{team.name}" for team in document.teams or ())

    def _made(self, head: str, pushes: Iterable[Push]) -> bool:
        """Whether the gate made the head: what is below it can't be another then."""
        return self._mirror.ref(MADE + head) is not None or any(push.own and head in push.commits for push in pushes)

    def _pushes(self, events: Iterable[Event]) -> Iterable[Push]:
        for event in events:
            if event.type == "pull_push":
                try:
                    named = json.loads(event.body).get("commit_ids")
                except (ValueError, AttributeError):
                    named = None
                commits = frozenset(str(each) for each in named) if isinstance(named, list) else frozenset()
                yield Push(account(event.user), self._accounts.is_own(event.user), commits)

    def _writers(self, document: PullDocument, reviews: Iterable[Review], pushes: Sequence[Push]) -> set[str]:
        found = {push.by for push in pushes if not push.own}
        for each in self._api.pages(f"/pulls/{document.number}/commits"):
            commit = understood(CommitDocument, each, where="commits")
            if not self._made(commit.sha, pushes):
                found.update(self._accounts.writers(commit))
        if not any(document.head.head in push.commits for push in pushes):
            found.update(review.reviewer for review in reviews)
        return found - {NOBODY}

    def _reviews(self, document: PullDocument, events: Sequence[Event]) -> Iterable[Review]:
        """Reviews in order. One from before the base was last changed was of another merge: it is told of no head."""
        rebased = max((event.id for event in events if event.type == REBASED), default=0)
        texts = {event.review: event for event in events if event.type == "review"}
        found = [
            understood(ReviewDocument, each, where="reviews")
            for each in self._api.pages(f"/pulls/{document.number}/reviews")
        ]
        for each in sorted(found, key=lambda review: review.id):
            state = _STATES.get(each.state)
            if state is not None:
                text = texts.get(each.id)
                told = self._review(each, "dismissed" if each.dismissed else state, text)
                yield told if not rebased or (text is not None and text.id > rebased) else replace(told, head="")

    def _review(self, given: ReviewDocument, state: ReviewState, text: Event | None) -> Review:
        person = given.user is not None and given.user.id > 0 and not self._accounts.is_own(given.user)
        return Review(
            reviewer=account(given.user),
            kind="person" if person else "bot",
            state=state,
            head=given.commit,
            action_digest="",
            at=_instant(given.submitted_at),
            note=clean(given.body.replace("\r\n", "\n")),
            login=given.user.login if given.user is not None else "",
            teams=self._accounts.teams(given.user) if person else (),
            edited=text is not None and (text.body != given.body or text.updated_at != text.created_at),
        )

    def _check(self, head: str) -> CheckReport | None:
        """What the gate last said on a head, unless somebody else has written over it since.

        The newest is the one with the highest id: times are whole seconds, and servers sort by index either way.
        """
        listed = self._api.pages(f"/commits/{head}/statuses")
        found = [
            status for each in listed if (status := understood(Status, each, where="statuses")).context == CHECK_NAME
        ]
        last = max(found, key=lambda status: status.id, default=None)
        if last is None or not self._accounts.is_own(last.creator):
            return None
        return CheckReport(
            _CHECKS.get(last.state, "failure"), last.description, marker=last.target.partition(MARKER)[2]
        )


def _instant(text: str | None) -> str:
    return format_instant(parse_instant(text, where="Gitea's answer")) if text else ""
