"""The command ``penstock``: finds the command asked for, runs it, and turns every error into one clear line.

Commands are imported when they are asked for, so that ``--help`` and ``decide`` start at once. Exit codes are a
promise: 0 allowed or ok, 1 denied or failed, 2 usage, 3 needs approval, 4 could not decide.
"""

from __future__ import annotations

import gc
import importlib
import os
import sys
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from engine.core.errors import PenstockError

COMMANDS: dict[str, tuple[str, str]] = {
    "demo": ("demo", "Play a recorded incident through the whole gate, with no cluster, account or key."),
    "decide": ("decide", "Ask for a decision on a proposal file. Opens nothing."),
    "propose": ("propose", "Propose an action: decided, recorded and, where allowed, opened as a pull request."),
    "plan": ("plan", "Decide Terraform plans, and hold what is applied against what was approved."),
    "check": ("check", "Say what a raw command of an agent would be, and what policy says of it. Executes nothing."),
    "incidents": ("incidents", "Show incidents, their evidence, options and timeline."),
    "proposals": ("proposals", "Show, approve, reject and merge what was proposed."),
    "policy": ("policy", "Check, test, build, replay, simulate and document the policies."),
    "autonomy": ("autonomy", "Show what automation may do where, how it fared, and propose more or less of it."),
    "runbooks": ("runbooks", "Check runbooks against their recorded examples."),
    "audit": ("audit", "Verify, export and read the record."),
    "switch": ("switch", "Read or move the kill switch."),
    "watch": ("watch", "Follow the live cluster and write each incident as it begins."),
    "drift": ("drift", "Say what of the cluster isn't as Git says, and propose to mend it."),
    "kpis": ("kpis", "Show how well the gate serves people, over some days."),
    "serve": ("serve", "Serve the HTTP API and the console on loopback."),
    "mcp": ("mcp", "Serve the gate's tools to an agent over the Model Context Protocol."),
    "admission": ("admission", "Make the API server ask the gate before it writes."),
    "identities": ("identities", "Make, list, renew and disable those who may speak to the gate."),
    "doctor": ("doctor", "Say what works here and what doesn't."),
}


class CommandGroup(TyperGroup):
    """A group whose commands are imported only when they are needed."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Command names in the order a newcomer meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Import one command's module and make its command."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"engine.entrypoints.cli.{COMMANDS[cmd_name][0]}")
        command = typer.main.get_command(module.app)
        command.name = cmd_name
        return command

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """The list in ``--help``, written without importing anything."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in COMMANDS.items()])


penstock = typer.Typer(
    name="penstock",
    cls=CommandGroup,
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog="Exit codes: 0 allowed or ok, 1 denied or failed, 2 usage, 3 needs approval, 4 could not decide.",
)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"penstock {version('penstock')}")
        raise typer.Exit


@penstock.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """The gate for automated remediation.

    Every proposed change becomes one input document, is decided by versioned Rego policies, and what they allow
    is opened as a pull request for GitOps to apply. Nothing is executed directly.

    Start with `penstock demo`, or `penstock decide proposal.json --snapshot DIR --repo PATH`.
    """


def run(arguments: list[str] | None = None) -> None:
    """The process boundary: run one command and exit with its code."""
    os.environ["PYDANTIC_DISABLE_PLUGINS"] = "__all__"  # nothing that happens to be installed may watch validation
    gc.set_threshold(100_000, 20, 100)  # importing makes hardly any garbage: a tenth of a short command
    sys.exit(main(sys.argv[1:] if arguments is None else arguments))


def main(arguments: list[str]) -> int:
    """Run one command and return its exit code; errors go to stderr as one line."""
    command = typer.main.get_command(penstock)
    try:
        result: Any = command.main(args=arguments, prog_name="penstock", standalone_mode=False)
    except PenstockError as error:
        typer.echo(f"penstock: {error}", err=True)
        return error.exit_code
    except typer.Abort:
        return 130
    except typer.Exit as stop:
        return stop.exit_code
    except typer.TyperException as error:
        typer.echo(f"penstock: {getattr(error, 'format_message', error.__str__)()}", err=True)
        return 2
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    return result if isinstance(result, int) else 0
