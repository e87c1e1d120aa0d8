"""Facts of a write that an agent tries itself: what the question holds, and nothing that would take a look around.

The API server waits, and no answer could let the write pass. So whatever the write doesn't show is unknown, which
counts as large.
"""

from __future__ import annotations

from engine.core.admission.meaning import bare
from engine.core.admission.review import AdmissionRequest
from engine.core.facts.blast import blast_facts
from engine.core.facts.change import change_facts
from engine.core.facts.cluster_view import ClusterView
from engine.core.facts.configuration import UNKNOWN_CONFIGURATION
from engine.core.facts.image import image_facts
from engine.core.facts.recent import recent_facts
from engine.core.facts.target import target_facts
from engine.core.input_document import ImageFacts, ScaleFacts
from engine.core.input_document import ReversibilityFacts as Undo
from engine.core.proposal import Proposal, TargetReference
from engine.usecases.derive_facts import NO_SOURCE, Derived, check_action
from engine.usecases.situation import Question

UNKNOWN = "it would not go through Git"


def facts_of_write(request: AdmissionRequest, proposal: Proposal, now: str) -> Question:
    """The question of one action that a write comes to."""
    target = proposal.action.target
    old = request.oldObject if request.oldObject and not request.subResource else None
    named = old is not None and type(old.get("metadata")) is dict and bool(old["metadata"].get("name"))
    known = {target.kind: [old]} if old is not None and named else {}
    view = ClusterView(target.cluster, known)
    action, checked = check_action(proposal.action)
    scale = ScaleFacts(before=None, after=None)
    derived = Derived(
        action=action,
        target=target_facts(view, target, managed_by_git=False),
        source=NO_SOURCE,
        blast=blast_facts(view, proposal.action, checked.disruption if checked else "unknown", scale),
        reversibility=Undo(reversible=False, inverse=False, data_loss=False, basis=UNKNOWN),
        recent=recent_facts(view, target, None, now),
        scale=scale,
        image=_image(view, target, request),
        change=change_facts(None),
        built=None,
        configuration=UNKNOWN_CONFIGURATION,
    )
    return Question(proposal, derived, view, now)


def _image(view: ClusterView, target: TargetReference, request: AdmissionRequest) -> ImageFacts:
    """What the write would run; an object of another shape than its kind has may run anything."""
    whole = not request.subResource
    try:
        return image_facts(view, target, *(bare(o) if whole else None for o in (request.oldObject, request.object)))
    except (TypeError, AttributeError, KeyError, ValueError):
        return ImageFacts(changes=True, registry="", known_before=False, critical_vulnerabilities=None)
