"""kubectl: which verb, and what it may be given. Every verb is here, also those that are never taken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.core.command.kubectl_acts import ACTS
from engine.core.command.kubectl_options import GLOBAL, REFUSED
from engine.core.command.kubectl_reads import READS_BY_VERB
from engine.core.command.meaning import Meaning, Place
from engine.core.command.options import read_options
from engine.core.command.refusal import CommandRefused

_NEVER: Mapping[str, tuple[str, str]] = {
    "exec": ("inside_pods", "runs a program inside a container"),
    "attach": ("inside_pods", "joins a running program"),
    "cp": ("inside_pods", "copies files into or out of a container"),
    "debug": ("inside_pods", "starts a container beside what it looks at"),
    "port-forward": ("tunnels", "opens a tunnel into the cluster"),
    "proxy": ("tunnels", "opens the whole API to this machine"),
    "edit": ("interactive", "opens an editor, and what will be written isn't known"),
    "run": ("outside_git", "starts a pod that isn't in Git"),
    "expose": ("outside_git", "makes a Service that isn't in Git"),
    "autoscale": ("outside_git", "makes an autoscaler that isn't in Git"),
    "label": ("no_action_kind", "changes labels, which no action does"),
    "annotate": ("no_action_kind", "changes annotations, which no action does"),
    "certificate": ("permissions", "decides on a certificate that proves an identity"),
    "plugin": ("external_program", "looks for programs to run"),
    "diff": ("external_program", "runs the program that KUBECTL_EXTERNAL_DIFF names"),
    "kustomize": ("external_program", "may fetch and run what a kustomization names"),
    "kuberc": ("changes_client", "changes how the client reads its commands"),
    "alpha": ("unknown_verb", "isn't settled yet"),
}


def kubectl(words: Sequence[str], place: Place) -> Meaning:
    """What ``kubectl`` would do with these words. Raises :class:`CommandRefused`."""
    first = read_options(words, GLOBAL, REFUSED, until_word=True)
    if not first.words or first.words[0].startswith("-"):
        raise CommandRefused("unknown_verb", "names no verb", where="kubectl")
    verb, rest = first.words[0], [*_again(first.options), *first.words[1:]]
    if verb in READS_BY_VERB:
        return READS_BY_VERB[verb](rest, place)
    if verb in ACTS:
        return ACTS[verb](rest, place)
    code, sentence = _NEVER.get(verb, ("unknown_verb", "isn't a verb of kubectl; a plugin could be anything"))
    raise CommandRefused(code, sentence, where=f"kubectl {verb}")


def _again(options: Mapping[str, Sequence[str]]) -> list[str]:
    """The options before the verb, written so that they are read together with those behind it."""
    return [f"--{name}={value}" for name, values in options.items() for value in values]
