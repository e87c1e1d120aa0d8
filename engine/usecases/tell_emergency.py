"""Tell everybody of a write in an emergency, once: on the record and over every channel, when the gate sees it.

The gate may have been down when it was made. What the object says of it was judged by the API server, which let nobody
say it in another's name.
"""

from __future__ import annotations

from dataclasses import asdict

from engine.core import canonical
from engine.core.admission.emergency import Emergency
from engine.core.message import Message
from engine.core.record import Entry
from engine.core.redaction import redact_text
from engine.ports import Ports, Transaction
from engine.usecases.announce import announce
from engine.usecases.look_for_drift import Drift

EMERGENCIES = "emergencies"


def tell_emergency(ports: Ports, drift: Drift, *, now: str) -> None:
    """Record what was done to one object and by whom, unless it was told already."""
    said = drift.emergency
    if said is None or not drift.judged.drifted:
        return
    fields = [one.path for one in drift.judged.drifted][:20]
    key = canonical.digest([str(drift.about), asdict(said)])[7:31]

    def unit(tx: Transaction) -> None:
        if tx.find(EMERGENCIES, key) is not None:
            return
        body = asdict(said) | {"reason": redact_text(said.reason), "object": str(drift.about), "fields": fields}
        tx.put(EMERGENCIES, key, body, at=now)
        tx.append(Entry("break_glass", str(drift.about), body), at=now)
        announce(tx, _message(drift, said, fields, key, now))

    ports.ledger.run(unit)


def _message(drift: Drift, said: Emergency, fields: list[str], key: str, now: str) -> Message:
    about = f"{drift.about.kind} {drift.about.namespace}/{drift.about.name}"
    title = f"{said.by} broke the glass for {about}"
    what = f"It changed {', '.join(fields)}. What Git doesn't say by then is proposed to be put back"
    text = f"Until {said.until}, because: {said.reason}. {what}"
    return Message(f"break_glass|{key}", "break_glass", title, text, now, str(drift.about))
