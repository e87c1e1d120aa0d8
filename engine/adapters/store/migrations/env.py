"""How Alembic runs here: on the connection it is given, inside the transaction that connection holds.

A database is therefore either wholly at a revision or untouched, also when the process is killed half way.
"""

from __future__ import annotations

from alembic import context

from engine.adapters.store.tables import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA)
context.run_migrations()
