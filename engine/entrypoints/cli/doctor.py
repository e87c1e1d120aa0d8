"""``penstock doctor``: what works here, what doesn't, and what to do about it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import typer

from engine.entrypoints.cli.output import Form, write_json, write_rows

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def doctor(
    output: Annotated[Form, typer.Option("--output", "-o", help="How to write the answer.")] = Form.table,
) -> int:
    """Look at everything a decision needs: tools, policy, runbooks, ledger, record, repository.

    Exits 1 when something that is set up doesn't work.
    """
    from engine.settings import read_settings

    settings = read_settings()
    found = _looked(settings)
    if output is Form.json:
        write_json([{"part": part, "works": works, "found": said} for part, works, said in found])
    else:
        words = {True: "ok", False: "NO", None: "-"}
        write_rows(["part", "", "found"], [[part, words[works], said] for part, works, said in found])
    return 1 if any(works is False for _, works, _ in found) else 0


def _looked(settings: Any) -> list[tuple[str, bool | None, str]]:
    from engine import wiring
    from engine.core.errors import ForgeRefused

    def policy() -> str:
        with wiring.policy_engine(settings) as engine:
            identity = engine.identity()
            return f"{settings.evaluator}, revision {identity.revision}, {identity.digest[:19]}"

    def ledger() -> str:
        with wiring.ledger(settings) as opened:
            return f"switch is {opened.run(lambda tx: tx.switch_mode())}, {opened.where}"

    def record() -> str:
        from engine.usecases.audit import verify

        with wiring.ledger(settings) as opened:
            found = verify(opened.export())
            return found.sentence

    def repository() -> str:
        opened = wiring.repository(settings)
        return f"{settings.branch} is at {opened.head(settings.branch)[:12]}, {opened.location}"

    def forge() -> str:
        found = wiring.forge_concerns(settings)
        if found:
            raise ForgeRefused("; ".join(found), remedy="docs/forges.md says how to protect the branch")
        return f"{settings.forge}, {settings.forge_repository or settings.repo}"

    def notifications() -> str:
        from datetime import UTC, datetime

        from engine.core.errors import NotDelivered
        from engine.core.moment import format_instant
        from engine.usecases.dispatch import look_at_outbox

        with wiring.ledger(settings) as opened:
            found = look_at_outbox(opened, now=format_instant(datetime.now(UTC)))
        if found.failed:
            raise NotDelivered(found.sentence, where="outbox")
        return f"{', '.join(channel.name for channel in wiring.notifiers(settings))}: {found.sentence}"

    checks: list[tuple[str, Callable[[], str] | None]] = [
        ("opa", lambda: str(wiring.obtain_tool(settings, "opa"))),
        ("kustomize", lambda: str(wiring.obtain_tool(settings, "kustomize"))),
        ("policy", policy),
        ("runbooks", lambda: f"{len(wiring.runbooks(settings).runbooks)} classes"),
        ("ledger", ledger),
        ("record", record),
        ("notifications", notifications),
        ("repository", repository if settings.has_repository else None),
        ("forge", forge if settings.has_repository else None),
    ]
    return [(name, *_tried(check)) for name, check in checks]


def _tried(check: Callable[[], str] | None) -> tuple[bool | None, str]:
    from engine.core.errors import PenstockError

    if check is None:
        return None, "not set up"
    try:
        return True, check()
    except PenstockError as error:
        return False, str(error)
