"""The first tables: records, reservations, documents, switch and the spool entries already absorbed.

The triggers keep honest programs from changing the record; the chain shows what a dishonest one did.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

GENESIS = "sha256:" + "0" * 64
COUNTED = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make every table, the triggers that guard the record, and the switch in its normal position."""
    _record()
    _state()
    op.execute("INSERT INTO switch (id, mode, by, reason, at) VALUES (1, 'normal', '', '', '')")


def _text(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


def _record() -> None:
    op.create_table(
        "records",
        sa.Column("sequence", COUNTED, primary_key=True, autoincrement=False),
        *_text("at", "kind", "subject", "body", "previous", "digest"),
    )
    op.create_index("records_by_kind", "records", ["kind", "sequence"])
    op.create_index("records_by_subject", "records", ["subject", "sequence"])
    guard = {"sqlite": _guard_file, "postgresql": _guard_server}
    guard[op.get_bind().dialect.name]()


def _guard_file() -> None:
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER records_no_{verb.lower()} BEFORE {verb} ON records "
            "BEGIN SELECT RAISE(ABORT, 'records are only ever added to'); END"
        )
    op.execute(
        "CREATE TRIGGER records_in_order BEFORE INSERT ON records "
        "WHEN NEW.sequence <> (SELECT COALESCE(MAX(sequence), 0) + 1 FROM records) OR NEW.previous <> COALESCE("
        f"(SELECT digest FROM records ORDER BY sequence DESC LIMIT 1), '{GENESIS}') "
        "BEGIN SELECT RAISE(ABORT, 'a record follows the last one'); END"
    )


def _guard_server() -> None:
    op.execute(
        "CREATE FUNCTION records_are_kept() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'records are only ever added to'; END $$"
    )
    op.execute(
        "CREATE FUNCTION record_follows() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ DECLARE many bigint; hash text; BEGIN "
        "SELECT sequence, digest INTO many, hash FROM records ORDER BY sequence DESC LIMIT 1; "
        f"IF NEW.sequence <> COALESCE(many, 0) + 1 OR NEW.previous <> COALESCE(hash, '{GENESIS}') "
        "THEN RAISE EXCEPTION 'a record follows the last one'; END IF; RETURN NEW; END $$"
    )
    for when, each, run in (
        ("UPDATE OR DELETE", "ROW", "records_are_kept"),
        ("TRUNCATE", "STATEMENT", "records_are_kept"),
        ("INSERT", "ROW", "record_follows"),
    ):
        name = f"records_on_{when.lower().replace(' ', '_')}"
        op.execute(f"CREATE TRIGGER {name} BEFORE {when} ON records FOR EACH {each} EXECUTE FUNCTION {run}()")


def _state() -> None:
    op.create_table(
        "reservations",
        sa.Column("budget", sa.Text, primary_key=True),
        sa.Column("decision_id", sa.Text, primary_key=True),
        sa.Column("amount", sa.Integer, sa.CheckConstraint("amount > 0"), nullable=False),
        *_text("scope", "at", "expires_at", "state", "settled_at"),
    )
    op.create_index("reservations_by_scope", "reservations", ["budget", "scope", "state", "expires_at"])
    op.create_index("reservations_by_decision", "reservations", ["decision_id"])
    op.create_table(
        "documents",
        sa.Column("position", COUNTED, primary_key=True, autoincrement=True),
        *_text("collection", "key", "status", "at", "updated_at", "body"),
        sa.UniqueConstraint("collection", "key"),
    )
    op.create_index("documents_by_status", "documents", ["collection", "status", "position"])
    op.create_table(
        "switch",
        sa.Column("id", sa.Integer, sa.CheckConstraint("id = 1"), primary_key=True, autoincrement=False),
        *_text("mode", "by", "reason", "at"),
    )
    op.create_table(
        "spooled",
        sa.Column("entry_id", sa.Text, primary_key=True),
        sa.Column("sequence", COUNTED, nullable=False),
    )
