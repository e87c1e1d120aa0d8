"""Why a command is refused, each reason with its code and with what to do instead.

An agent reads the code, a person the sentence. The list is closed, so that a way of not understanding a command can't
come into the world without somebody having thought about what its author should do next.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from engine.core.errors import PenstockError

_GIT = "Change the manifest in Git and open a pull request"
_PROPOSE = "Propose one of the catalogue's actions, or change the manifest in Git"

REMEDIES: Mapping[str, str] = MappingProxyType(
    {
        "empty": "Give a command after --",
        "too_long": "Ask about a shorter command",
        "too_many": "Ask about fewer commands at a time",
        "nested_too_deep": "Give the inner command itself",
        "not_understood": "Write it as plain commands with pipes, &&, || and ;",
        "unsupported_syntax": "Write it as plain commands with pipes, &&, || and ;",
        "unusual_characters": "Write it in plain ASCII",
        "expansion": "Write the value itself in place of the variable",
        "substitution": "Run the inner command first and write its answer into this one",
        "here_document": "Write the text to a file and give it with -f FILE",
        "redirection": "Leave the output on the terminal; only /dev/null and 2>&1 are taken",
        "glob": "Put the word into single quotes, or name each thing",
        "quoting": "Use plain single or double quotes",
        "background": "Run it in the foreground, with a limit such as --tail or --timeout",
        "assignment": "Leave the variable out and write its value where it is used",
        "unknown_program": "Use kubectl, helm, argocd, flux or terraform, and text filters on their output",
        "program_path": "Name the program without a path",
        "filter_option": "Use the filter's plain options; it may neither write, execute nor read a file",
        "filter_program": "Use a filter that only prints, such as '{print $1}' or 's/a/b/'",
        "runs_arguments": "Name the objects in the command itself",
        "evaluates_text": "Give the command itself",
        "shell_invocation": "Use sh -c with one quoted command, or the command itself",
        "other_identity": "Act as yourself",
        "other_credentials": "Leave it out; the gate looks at one cluster, with the access that it has",
        "unknown_verb": "Use a documented subcommand",
        "unknown_option": "Leave the option out",
        "option_value": "Give the option a value that it takes",
        "repeated_option": "Give the option once",
        "raw_request": "Ask for the object by kind and name",
        "reads_secret": "Ask its owner whether it is there; what is in it isn't for an agent",
        "reads_file": "Pipe the text in; a file of this machine is not for an agent to print",
        "writes_file": "Leave the output on the terminal",
        "all_objects": "Name each object and its namespace",
        "selector": "Name the one object of the incident",
        "inside_pods": "Look at logs and events; a change belongs into Git",
        "tunnels": "Look at logs, events and metrics through the gate's evidence",
        "interactive": f"An editor can't be decided on. {_GIT}",
        "external_program": "Use penstock check -- kubectl apply -f FILE to see what would change",
        "runs_programs": "Let the pipeline make the plan, and ask about it: penstock plan decide",
        "changes_client": "Leave the client as it is set up",
        "permissions": "Propose change_rbac, which two people decide on",
        "forced": "Leave it out; what is forced can't be taken back",
        "pod_deletion": "Restart its owner: kubectl rollout restart KIND/NAME -n NAMESPACE",
        "outside_git": f"What isn't in Git is undone by the next sync. {_GIT}",
        "no_action_kind": _PROPOSE,
        "namespace_missing": "Say which namespace with -n NAMESPACE",
        "names_nothing": "Name the object, as in deployment/NAME",
        "bad_name": "Write the name as Kubernetes has it",
        "unknown_kind": "Use one of Kubernetes' own kinds, or propose the action itself",
        "does_not_fit": "Correct the value, or propose another action",
        "patch_not_understood": "Give -p with one small JSON object, of --type strategic or merge",
        "manifest_unreadable": "Give one readable YAML file of Kubernetes objects",
        "manifest_remote": "Save it to a file, read it, and give that file",
        "manifest_piped": "Write the manifest to a file and give it with -f FILE",
        "manifest_folder": "Give single files with -f FILE",
        "manifest_not_in_git": _GIT,
        "manifest_secret": "Provide credentials the way the team does; a Secret isn't written to Git",
        "nothing_changes": "Git already says so; if the cluster doesn't, propose revert_drift",
        "several_objects": "Name the one object, with kubectl",
        "not_in_cluster": "Name the object itself, with kubectl",
    }
)


class CommandRefused(PenstockError):
    """A command is neither reading nor an action that the gate knows.

    ``code`` is one of :data:`REMEDIES`; ``where`` is the word, option or field that it is about.
    """

    reason = "command_refused"

    def __init__(self, code: str, message: str, *, where: str = "") -> None:
        super().__init__(message, where=where, remedy=REMEDIES[code])
        self.code = code
