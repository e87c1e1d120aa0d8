"""Look up how claims like an incident's own fared before, from the incidents and proposals of the ledger."""

from __future__ import annotations

from engine.core.incident import Incident, read_incident
from engine.core.track_record import TrackRecord, track_records
from engine.ports import Ledger, Transaction
from engine.usecases.situation import merged_for

NEWEST = 500


def look_up_claims(ledger: Ledger, incident: Incident) -> dict[int, TrackRecord]:
    """The track record of each of its claims, over the newest five hundred incidents."""

    def unit(tx: Transaction) -> dict[int, TrackRecord]:
        known = [read_incident(document) for document in tx.select("incidents")[-NEWEST:]]
        told = [one for one in known if one.analysis and one.incident_class == incident.incident_class]
        return track_records(incident, [(one, merged_for(tx, one)) for one in told])

    return ledger.run(unit)
