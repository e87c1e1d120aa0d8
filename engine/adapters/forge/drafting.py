"""A draft's texts as a forge on another machine keeps them: bounded, clean, and with what they are found again by."""

from __future__ import annotations

from engine.adapters.forge.marker import Hidden, split_state, with_state
from engine.core.pull_request import PullRequestDraft
from engine.core.untrusted import clean, one_line

TITLE_LIMIT, LABEL_LIMIT, BODY_LIMIT = 250, 49, 60_000


def texts_of(draft: PullRequestDraft) -> dict[str, str]:
    """Title and text, as a forge is told them."""
    hidden = Hidden(draft.key, draft.decision_id, draft.action_digest)
    body = with_state(clean(draft.body, limit=BODY_LIMIT), hidden)
    return {"title": one_line(draft.title, limit=TITLE_LIMIT), "body": body}


def labels_of(draft: PullRequestDraft) -> list[str]:
    """The labels, those that nothing is left of aside."""
    return [label for each in draft.labels if (label := one_line(each, limit=LABEL_LIMIT))]


def body_anew(before: str, body: str) -> str:
    """Another text, with what was hidden in the one before."""
    hidden, text = split_state(before)[1], clean(body, limit=BODY_LIMIT)
    return with_state(text, hidden) if hidden is not None else text
