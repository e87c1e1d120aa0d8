"""Count how automation fared: of each decision, what people and the world said of it afterwards.

A decision is agreed with when its action was merged and verified, or when people made the very same edit by hand, or
when somebody judged it right. It is disagreed with when people rejected it, changed those files otherwise, or judged
it wrong, or when the action failed its verification. Of anything else nothing is known, and it isn't counted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine.core.action.governance import GOVERNING, PROMOTE
from engine.core.autonomy import (
    PHASES,
    Demotion,
    Figures,
    Place,
    Standing,
    Word,
    cleared,
    demotion_of,
    next_phase,
    phase_of,
    place_of,
)
from engine.core.autonomy import figures as counted
from engine.core.errors import BadInput, UnfitBundle
from engine.core.input_document import AutonomyFacts
from engine.core.lifecycle import ProposalState, read_change, read_state
from engine.core.message import Message
from engine.core.moment import seconds_between, shift
from engine.core.proposal import Proposal
from engine.core.record import Entry
from engine.core.redaction import redact_text
from engine.ports import GitRepository, Ports, Transaction
from engine.usecases.announce import announce

DEMOTIONS, JUDGEMENTS = "demotions", "judgements"
BY_HAND_SECONDS = 86_400
NOTE_LIMIT = 500

_SAID: Mapping[str, Word] = {"succeeded": "agreed", "failed": "disagreed", "rejected": "disagreed"}


def autonomy_facts(ports: Ports, tx: Transaction, proposal: Proposal, incident_class: str, now: str) -> AutonomyFacts:
    """The last demotion of a proposal's place; for a promotion the figures too, of the place that it names."""
    target = proposal.action.target
    if proposal.action.kind != PROMOTE:
        last = _last(tx, place_of(target, incident_class))
        return AutonomyFacts(demotion=last.id if last else "", judged=0, agreement_percent=0)
    place = place_of(target, target.name)
    found, last = figures_at(ports, tx, place, now), _last(tx, place)
    percent = found.interval[0]
    return AutonomyFacts(demotion=last.id if last else "", judged=found.judged, agreement_percent=percent)


def demote(tx: Transaction, state: ProposalState, because: str, *, now: str) -> Demotion:
    """Hold automation back where it was wrong, at once: policy sees it with the next question. Once a proposal."""
    place = place_of(state.claims.action.target, _classes(tx).get(state.incident_key, ""))
    made = demotion_of(place, state.id, because=redact_text(because), at=now)
    last = _last(tx, place)
    if last is not None and last.id == made.id:
        return last
    body = {"id": made.id, "at": now, "because": made.because, "proposal": state.id}
    tx.put(DEMOTIONS, place.key, body, at=now)
    tx.append(Entry("demotion", place.key, body), at=now)
    text = f"{made.because}. Until people clear {made.id} in policy data, each action there waits for approval"
    title = f"Automation was demoted in {place.namespace} for {place.incident_class}"
    announce(tx, Message(f"demoted|{made.id}", "demoted", title, text, now, state.incident_key or state.id))
    return made


def demotion_at(tx: Transaction, place: Place, autonomy: Mapping[str, Any]) -> Demotion | None:
    """The demotion that holds at a place; ``None`` where there is none, or people have cleared it."""
    last = _last(tx, place)
    return None if last is None or last.id == cleared(autonomy, place) else last


def judge(ports: Ports, proposal_id: str, *, right: bool, by: str, reason: str, now: str) -> ProposalState:
    """A person's word on a decision. One that was wrong to act is a false positive, and demotes automation there.

    Raises :class:`BadInput` for a proposal that isn't there or a reason that is too long.
    """
    if len(reason) > NOTE_LIMIT:
        raise BadInput(f"{len(reason)} characters is over {NOTE_LIMIT}", where="reason", remedy="Say it in a sentence")

    def unit(tx: Transaction) -> ProposalState:
        document = tx.find("proposals", proposal_id)
        if document is None:
            raise BadInput("no such proposal", where=proposal_id, remedy="penstock proposals list shows them")
        state = read_state(document)
        body = {"right": right, "by": by, "reason": redact_text(reason)}
        tx.put(JUDGEMENTS, proposal_id, body, at=now)
        tx.append(Entry("judgement", proposal_id, body), at=now)
        if not right and state.status != "refused":
            demote(tx, state, f"{by} judged {proposal_id} a false positive", now=now)
        return state

    return ports.ledger.run(unit)


def report(ports: Ports, *, now: str) -> list[Standing]:
    """Every place that anything was decided about within the window, with its figures."""
    autonomy = ports.policy.data("autonomy")

    def unit(tx: Transaction) -> list[Standing]:
        words = _words(ports, tx, now)
        return [
            Standing(place, phase_of(autonomy, place), demotion_at(tx, place, autonomy), counted(words[place]))
            for place in sorted(words)
        ]

    return ports.ledger.run(unit)


def due_phase(ports: Ports, place: Place) -> str:
    """The phase that a place may be promoted to: the one it was demoted from, or the next.

    Raises :class:`BadInput` where there is none.
    """
    autonomy = ports.policy.data("autonomy")
    phase = phase_of(autonomy, place)
    if ports.ledger.run(lambda tx: demotion_at(tx, place, autonomy)) is not None and phase != PHASES[0]:
        return phase
    following = next_phase(phase)
    if not following:
        raise BadInput(f"is in the phase {phase or 'none'}, and none follows", where=place.key, remedy="Nothing to do")
    return following


def figures_at(ports: Ports, tx: Transaction, place: Place, now: str) -> Figures:
    """The figures of one place since automation was last wrong there, within the window of the data."""
    return counted(_words(ports, tx, now, only=place).get(place, []))


def sentence(found: Figures) -> str:
    """The figures as people read them in a pull request."""
    low, high = found.interval
    return (
        f"people agreed with {found.agreed} of {found.judged} judged decisions "
        f"(95 % interval {low} to {high} %), of {found.decisions} altogether"
    )


def _words(ports: Ports, tx: Transaction, now: str, only: Place | None = None) -> dict[Place, list[Word]]:
    """A word on each decision that counts, by place: within the window, and after the last demotion there.

    ``only`` is the one place that is asked about. A word can take a look into Git, so none is sought for the others.
    """
    since = shift(now, -86_400 * _window_days(ports))
    classes, found = _classes(tx), dict[Place, list[Word]]()
    for document in tx.select("proposals"):
        state = read_state(document)
        place = place_of(state.claims.action.target, classes.get(state.incident_key, ""))
        if only not in (None, place):
            continue
        last = _last(tx, place)
        if state.claims.action.kind in GOVERNING or state.created_at < max(since, last.at if last else ""):
            continue
        said = tx.find(JUDGEMENTS, state.id)
        found.setdefault(place, []).append(_word(ports.repository, ports.branch, state, said))
    return found


def _word(repository: GitRepository | None, branch: str, state: ProposalState, said: Mapping[str, Any] | None) -> Word:
    if said is not None:
        return "agreed" if said["right"] else "disagreed"
    if state.status == "recorded" and repository is not None and state.change is not None:
        return _by_hand(repository, branch, state)
    return _SAID.get(state.status, "")


def _by_hand(repository: GitRepository, branch: str, state: ProposalState) -> Word:
    """What people did themselves to the files of an edit that was never opened, within a day."""
    head, words = repository.head(branch), set[Word]()
    for edit in read_change(state.change or {}).edits:
        for commit in repository.history(head, edit.path, 20):
            if 0 <= seconds_between(state.created_at, commit.at) <= BY_HAND_SECONDS:
                words.add("agreed" if repository.read(commit.id, edit.path) == edit.after else "disagreed")
    return "agreed" if "agreed" in words else "disagreed" if words else ""


def _classes(tx: Transaction) -> dict[str, str]:
    """The class of each incident by its key; the newest of a key counts."""
    documents: Sequence[dict[str, Any]] = tx.select("incidents")
    return {str(document["key"]): str(document["incident_class"]) for document in documents}


def _last(tx: Transaction, place: Place) -> Demotion | None:
    found = tx.find(DEMOTIONS, place.key)
    return None if found is None else Demotion(**found)


def _window_days(ports: Ports) -> int:
    days = (ports.policy.data("autonomy").get("promotion") or {}).get("window_days")
    if type(days) is not int or days < 1:
        raise UnfitBundle("autonomy.promotion.window_days is no number of days", where="policy data")
    return days
