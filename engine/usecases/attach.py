"""Attach: people already run an incident, and the gate works under theirs instead of opening one beside it.

They may have begun before anything was seen. Then an incident is opened for the object that they name, and whatever
shows there later is a part of it. Who attached it is on record; what they typed is shown and gates nothing but what
policy asks of a commander.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from engine.core import canonical
from engine.core.errors import BadInput
from engine.core.incident import Incident, command, read_incident
from engine.core.record import Entry
from engine.core.signal import ObjectReference, Signal
from engine.ports import Ports, Transaction
from engine.usecases.observe import observe_in

SOURCE, REASON = "people", "IncidentDeclared"
MOST = 200


@dataclass(frozen=True, slots=True)
class Lead:
    """Who runs an incident, where, and under which ticket; any of them may be empty, but not all."""

    commander: str = ""
    channel: str = ""
    ticket: str = ""

    def checked(self) -> Lead:
        """The same. Raises :class:`BadInput` where it says nothing or too much."""
        said = (self.commander, self.channel, self.ticket)
        if not any(text.strip() for text in said):
            remedy = "Give a commander, a channel or a ticket"
            raise BadInput("neither who runs it nor where is said", where="lead", remedy=remedy)
        if any(len(text) > MOST for text in said):
            raise BadInput(f"is over {MOST} characters", where="lead", remedy="Say it shorter")
        return self


Permit = Callable[[str], None]


def anywhere(_: str) -> None:
    """Nobody is kept from any namespace."""


def attach(ports: Ports, place: str, lead: Lead, *, by: str, now: str, permit: Permit = anywhere) -> Incident:
    """The incident that people run: one by its id or key, or the open one at ``namespace/Kind/name``.

    Where nothing is open at that object, an incident is opened there. ``permit`` is asked about its namespace, and
    raises where ``by`` has no say there. Raises :class:`BadInput` for a place that is neither, and for a lead that says
    nothing.
    """
    lead = lead.checked()

    def unit(tx: Transaction) -> Incident:
        found = _known(ports, tx, place) or _opened(ports, tx, place, by, now)
        permit(found.root.namespace)
        led = command(found, lead.commander, at=now, channel=lead.channel, ticket=lead.ticket)
        return _keep(tx, led, lead, by, now)

    return ports.ledger.run(unit)


def detach(ports: Ports, place: str, *, by: str, now: str, permit: Permit = anywhere) -> Incident:
    """The incident after the people have gone. Raises :class:`BadInput` where there is none that they ran."""

    def unit(tx: Transaction) -> Incident:
        found = _known(ports, tx, place)
        if found is None or not found.led:
            raise BadInput("no open incident that people run", where=place, remedy="See penstock incidents list")
        permit(found.root.namespace)
        return _keep(tx, command(found, "", at=now), Lead(), by, now)

    return ports.ledger.run(unit)


def _opened(ports: Ports, tx: Transaction, place: str, by: str, now: str) -> Incident:
    """The incident that people declare where nothing was seen yet."""
    about = _object(ports.cluster.name, place)
    said = {"by": by, "object": str(about), "at": now}
    signal = Signal(SOURCE, about, REASON, "warning", f"declared by {by}", now, canonical.digest(said), raw=said)
    observe_in(ports, tx, [signal], now=now)
    found = _known(ports, tx, place)
    assert found is not None  # noqa: S101 - a warning at an object without an incident makes one
    return found


def _keep(tx: Transaction, incident: Incident, lead: Lead, by: str, now: str) -> Incident:
    tx.put("incidents", incident.id, incident.as_document(), status=incident.status, at=now)
    body = {"commander": lead.commander, "channel": lead.channel, "ticket": lead.ticket, "by": by}
    tx.append(Entry("command", incident.id, body), at=now)
    return incident


def _known(ports: Ports, tx: Transaction, place: str) -> Incident | None:
    """The newest open incident that is named, or that is at the object that is."""
    known = [read_incident(document) for document in tx.select("incidents")]
    here = [one for one in known if one.status != "resolved"]
    named = [one for one in here if place in (one.id, one.key)]
    if named or place.count("/") != 2:
        return next(reversed(named), None)
    about = _object(ports.cluster.name, place)
    return next((one for one in reversed(here) if not one.lane and (one.root == about or about in one.members)), None)


def _object(cluster: str, place: str) -> ObjectReference:
    parts = place.split("/")
    if len(parts) != 3 or not all(parts[1:]) or any(len(part) > MOST for part in parts):
        remedy = "Give an open incident's id, or namespace/Kind/name"
        raise BadInput("is no open incident and no object", where=place[:MOST], remedy=remedy)
    return ObjectReference(cluster, *parts)
