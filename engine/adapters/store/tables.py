"""The tables as statements see them; the migrations make them.

``records`` is the chain and is only ever added to. A record's body is stored as the canonical text its digest
covers, so that what is verified later is what was written and not a re-encoding of it.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, MetaData, Table, Text

METADATA = MetaData()
COUNTED = BigInteger().with_variant(Integer, "sqlite")

RECORDS = Table(
    "records",
    METADATA,
    Column("sequence", COUNTED, primary_key=True, autoincrement=False),
    Column("at", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("previous", Text, nullable=False),
    Column("digest", Text, nullable=False),
)

RESERVATIONS = Table(
    "reservations",
    METADATA,
    Column("budget", Text, primary_key=True),
    Column("decision_id", Text, primary_key=True),
    Column("scope", Text, nullable=False),
    Column("amount", Integer, nullable=False),
    Column("at", Text, nullable=False),
    Column("expires_at", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("settled_at", Text, nullable=False),
)

DOCUMENTS = Table(
    "documents",
    METADATA,
    Column("position", COUNTED, primary_key=True, autoincrement=True),
    Column("collection", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("updated_at", Text, nullable=False),
    Column("body", Text, nullable=False),
)

SWITCH = Table(
    "switch",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("mode", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", Text, nullable=False),
)

SPOOLED = Table(
    "spooled",
    METADATA,
    Column("entry_id", Text, primary_key=True),
    Column("sequence", COUNTED, nullable=False),
)
