"""``penstock check``: what would a raw command of an agent be, and what does policy say of it. Nothing is executed."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engine.entrypoints.cli.decide import At, Data, Output, Repo, Snapshot
from engine.entrypoints.cli.output import EXIT_CODES, Form, write_json, write_tree

if TYPE_CHECKING:
    from engine.core.command.answer import CommandAnswer
    from engine.settings import Settings
    from engine.usecases.check_command import Asker, Understood

app = typer.Typer(add_completion=False, rich_markup_mode=None)

_MOST = 1_048_576
_SETTINGS = {"allow_interspersed_args": False}


@app.command(context_settings=_SETTINGS)
def check(  # noqa: PLR0913, PLR0917 - each is an option of the command
    command: Annotated[list[str] | None, typer.Argument(help="The command, behind --.")] = None,
    stdin: Annotated[bool, typer.Option("--stdin", help="Read a script from standard input instead.")] = False,
    reading: Annotated[bool, typer.Option("--reading", help="Say yes (0) only to what can be run as it is.")] = False,
    propose: Annotated[bool, typer.Option("--propose", help="Propose the actions that it asks for.")] = False,
    wrapper: Annotated[str, typer.Option(help="Print the wrapper of this client for an agent's PATH: kubectl.")] = "",
    proposer: Annotated[str, typer.Option(help="The agent that asks, such as agent:triage.")] = "",
    incident: Annotated[str, typer.Option(help="NAMESPACE/KIND/NAME/REASON of the incident.")] = "",
    reason: Annotated[str, typer.Option(help="Why, in a sentence.")] = "",
    evidence: Annotated[list[str] | None, typer.Option(help="Evidence it rests on; may be repeated.")] = None,
    snapshot: Snapshot = None,
    repo: Repo = None,
    at: At = None,
    data: Data = None,
    output: Output = Form.table,
) -> int:
    """Turn a raw command into reading, typed actions with a decision, or a refusal that says what to do instead.

    It understands kubectl, helm, terraform, argocd, flux and text filters, with pipes, &&, ||, ; and loops. It never
    executes anything. Exit codes: 0 it only reads, or is allowed, 1 refused or denied, 2 usage, 3 needs approval,
    4 could not decide.

    Example: penstock check -- sh -c 'kubectl get pods -n payments | tail -40'
    """
    from engine.entrypoints.cli.asking import given
    from engine.usecases.check_command import asker_of

    if wrapper:
        return _write_wrapper(wrapper)
    script: list[str] | str = _script() if stdin else (command or [])
    settings = given(snapshot=snapshot, repo=repo, data=data)
    asker = asker_of(proposer or settings.identity or "agent:command", incident, reason, evidence or [])
    answered = _answer(settings, script, asker, at, propose=propose)
    _write(answered, output)
    return _exit_code(answered, reading=reading)


def _answer(
    settings: Settings, script: list[str] | str, asker: Asker, at: str | None, *, propose: bool
) -> CommandAnswer:
    from engine import wiring
    from engine.core.command.meaning import Place
    from engine.usecases.check_command import understand, without_gate

    understood = understand(wiring.shell_grammar(), script, Place(wiring.cluster_name(settings)))
    early = without_gate(understood)
    if early is not None:
        return early
    return _proposed(settings, understood, asker, at) if propose else _rehearsed(settings, understood, asker, at)


def _rehearsed(settings: Settings, understood: list[Understood], asker: Asker, at: str | None) -> CommandAnswer:
    from engine import wiring
    from engine.usecases.check_command import check_command, rehearsing

    with wiring.gate(settings, acting=False) as gate:
        now = gate.instant(at)
        weigh = rehearsing(gate.ports, now=now, signals=gate.signals(now))
        return check_command(gate.ports, understood, asker, _read, weigh)


def _proposed(settings: Settings, understood: list[Understood], asker: Asker, at: str | None) -> CommandAnswer:
    from engine.entrypoints.cli.asking import acting
    from engine.usecases.check_command import check_command, proposing
    from engine.usecases.observe import observe
    from engine.usecases.resume import resume

    with acting(settings) as gate:
        now = gate.instant(at)
        resume(gate.ports, now=now)
        observe(gate.ports, gate.signals(now), now=now)
        return check_command(gate.ports, understood, asker, _read, proposing(gate.ports, now=now))


def _script() -> str:
    from engine.core.errors import BadInput

    try:
        return sys.stdin.buffer.read(_MOST).decode()
    except UnicodeDecodeError:
        raise BadInput("isn't UTF-8", where="standard input", remedy="Give the script as text") from None


def _read(name: str) -> bytes:
    """A manifest of this machine: a plain file, and not a large one."""
    from engine.core.command.refusal import CommandRefused

    path = Path(name)
    try:
        if path.is_dir():
            raise CommandRefused("manifest_folder", "is a folder", where=name)
        if not path.is_file() or path.stat().st_size > _MOST:
            raise CommandRefused("manifest_unreadable", "is no file, or a very large one", where=name)
        return path.read_bytes()
    except (OSError, ValueError):
        raise CommandRefused("manifest_unreadable", "can't be read", where=name) from None


def _write_wrapper(name: str) -> int:
    from engine import wiring
    from engine.core.errors import BadInput

    path = wiring.shipped("gitops") / "agents" / name
    if name != "kubectl" or not path.is_file():
        raise BadInput("there is no wrapper of this name", where="--wrapper", remedy="There is one of kubectl")
    typer.echo(path.read_text(), nl=False)
    return 0


def _write(answered: CommandAnswer, form: Form) -> None:
    from engine.core.command.explain import explain_command
    from engine.core.explanation import as_lines

    if form is Form.json:
        write_json(answered.model_dump(mode="json"))
    elif form is Form.markdown:
        typer.echo("```text\n" + "\n".join(as_lines(explain_command(answered))) + "\n```")
    else:
        write_tree(explain_command(answered))


def _exit_code(answered: CommandAnswer, *, reading: bool) -> int:
    codes = {"read_only": 0, "refused": 1, **EXIT_CODES}
    code = codes[answered.outcome]
    return 1 if reading and answered.outcome == "allow" else code
