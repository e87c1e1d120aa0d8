"""Derive whether what a changed workload is configured by was approved, by the protected branch alone.

Every source that could make an item is rendered; its status is the one that the items have there now. What the change
itself would make of a status doesn't count, or who proposes could approve.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pydantic import ValidationError

from engine.core.change.intend.situation import ChangeContext
from engine.core.errors import ChangeRefused, NotFound
from engine.core.facts.configuration import (
    MAKING,
    NO_CONFIGURATION,
    UNKNOWN_CONFIGURATION,
    Item,
    Status,
    approval_of,
    configuration,
    configured_by,
)
from engine.core.input_document import ConfigurationFacts
from engine.core.proposal import TargetReference
from engine.ports import Ports
from engine.usecases.find_source import declared_sources, may_make, render, tree_at

if TYPE_CHECKING:
    from engine.usecases.build_change import BuiltChange


def derive_configuration(
    ports: Ports, target: TargetReference, built: BuiltChange | None, context: ChangeContext
) -> ConfigurationFacts:
    """The approval of what the changed object's pods read; nothing is read where no object is made."""
    if built is None or not built.after:
        return NO_CONFIGURATION
    items = configured_by(built.after)
    if items is None:
        return UNKNOWN_CONFIGURATION
    try:
        return configuration(_said(ports, items, target, context)) if items else NO_CONFIGURATION
    except (ChangeRefused, NotFound, ValidationError):
        return UNKNOWN_CONFIGURATION


def _said(
    ports: Ports, items: Sequence[Item], target: TargetReference, context: ChangeContext
) -> dict[Item, list[Status]]:
    """What each source says of each item; nobody knows of one that a source which can't be read may make."""
    if ports.repository is None or ports.renderer is None:
        raise NotFound("no GitOps repository was given")
    commit = ports.repository.head(ports.branch)
    tree, said = tree_at(ports.repository, commit), dict[Item, list[Status]]({item: [] for item in items})
    wanted = {
        TargetReference(cluster=target.cluster, namespace=target.namespace, kind=made, name=name): (kind, name)
        for kind, name in items
        for made in MAKING.get(kind, (kind,))
    }
    found = declared_sources(tree, context)
    for source in found:
        here = [one for one in wanted if not source.problem and may_make(tree, source, one)]
        rendering = render(ports.renderer, tree, commit, source) if here else None
        for one in here:
            key = rendering.find(one) if rendering else None
            if rendering and key:
                said[wanted[one]].append(approval_of(rendering.objects[key]))
    unread = any(source.problem and source.namespace in (target.namespace, "") for source in found)
    return {item: words or (["unknown"] if unread else []) for item, words in said.items()}
