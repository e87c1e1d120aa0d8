"""kubectl's verbs that change something, and the typed actions that they ask for."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from engine.core.command.kubectl_options import GLOBAL, REFUSED, options, rehearses
from engine.core.command.kubectl_patch import patch
from engine.core.command.kubectl_set import set_something
from engine.core.command.meaning import READS, Acts, Applies, Meaning, Place, action, target
from engine.core.command.options import Given, read_options
from engine.core.command.refusal import CommandRefused
from engine.core.command.resources import kind_of, named, need_namespace

Verb = Callable[[Sequence[str], Place], Meaning]

_SAID = "dry-run? o|output= field-manager= show-managed-fields warnings-as-errors "
_TAINT = re.compile(r"(?P<key>[^=:]+)(=(?P<value>[^:]*))?(:(?P<effect>[A-Za-z]+))?(?P<off>-)?")


def _acts(kind: str, given: Given, place: Place, params: dict[str, object] | None = None) -> Meaning:
    """One action for each object that is named."""
    targets = named(given.words, place.cluster, given.one("namespace"))
    actions = Acts(tuple(action(kind, about, params) for about in targets))
    return READS if rehearses(given) else actions


def scale(words: Sequence[str], place: Place) -> Meaning:
    given = options(words, _SAID + "replicas= timeout=", place)
    return _acts("scale_workload", given, place, {"replicas": _count(given.one("replicas"), "--replicas")})


def _count(text: str, where: str) -> int:
    if not (text.isascii() and text.isdigit()) or len(text) > 7:
        raise CommandRefused("option_value", "isn't a number", where=where)
    return int(text)


def rollout(words: Sequence[str], place: Place) -> Meaning:
    first = read_options(words, GLOBAL, REFUSED, until_word=True)
    verb = first.words[0] if first.words else ""
    rest = [*(f"--{name}={value}" for name, values in first.options.items() for value in values), *first.words[1:]]
    if verb == "status":
        return _watched(rest, "w|watch timeout= revision=", place)
    if verb == "history":
        return _watched(rest, "revision= o|output=", place)
    if verb == "restart":
        return _acts("restart_workload", options(rest, _SAID, place), place)
    if verb == "undo":
        given = options(rest, _SAID + "to-revision=", place)
        revision = _count(given.one("to-revision", "0"), "--to-revision")
        return _acts("rollback_workload", given, place, {"to_revision": revision or "previous"})
    known = verb in ("pause", "resume")
    code, sentence = ("no_action_kind", "no action does this") if known else ("unknown_verb", "isn't a subcommand")
    raise CommandRefused(code, sentence, where=f"kubectl rollout {verb}".rstrip())


def _watched(words: Sequence[str], spec: str, place: Place) -> Meaning:
    given = options(words, spec, place)
    if not given.words:
        raise CommandRefused("names_nothing", "names no workload", where="kubectl rollout")
    for word in given.words:
        if "secret" in word.lower():
            raise CommandRefused("reads_secret", "is a Secret", where=word)
    return READS


def delete(words: Sequence[str], place: Place) -> Meaning:
    given = options(words, _SAID + "f|filename= wait ignore-not-found timeout= cascade?", place)
    if given.all("filename"):
        return _manifests(given, deletes=True)
    if given.one("cascade", "background") not in ("background", "foreground", "true"):
        raise CommandRefused("forced", "leaves what it owned behind", where="--cascade")
    targets = named(given.words, place.cluster, given.one("namespace"))
    if any(about.kind == "Pod" for about in targets):
        raise CommandRefused("pod_deletion", "a pod isn't in Git; its owner makes another one", where="kubectl delete")
    return _acts("delete_resource", given, place)


def apply(words: Sequence[str], place: Place) -> Meaning:
    if words and words[0] in ("edit-last-applied", "set-last-applied"):
        raise CommandRefused("interactive", "changes what was applied last", where=f"kubectl apply {words[0]}")
    spec = "f|filename= server-side validate? wait timeout= overwrite openapi-patch "
    return _manifests(options(words, _SAID + spec, place))


def replace(words: Sequence[str], place: Place) -> Meaning:
    return _manifests(options(words, _SAID + "f|filename= validate? wait timeout= ", place))


def create(words: Sequence[str], place: Place) -> Meaning:
    """``create -f FILE``, and ``create job NAME --from=cronjob/NAME``, which runs a job once more."""
    if words and words[0] == "token":
        raise CommandRefused("permissions", "makes a credential", where="kubectl create token")
    if words and words[0] == "job":
        return _job(words[1:], place)
    if words and not words[0].startswith("-"):
        raise CommandRefused("outside_git", "makes an object that isn't in Git", where=f"kubectl create {words[0]}")
    return _manifests(options(words, _SAID + "f|filename= validate? ", place))


def _job(words: Sequence[str], place: Place) -> Meaning:
    given = options(words, _SAID + "from= image= validate? ", place)
    kind, _, name = given.one("from").partition("/")
    if not name or len(given.words) != 1 or kind_of(kind) not in ("CronJob", "Job"):
        raise CommandRefused("outside_git", "makes an object that isn't in Git", where="kubectl create job")
    about = target(place.cluster, need_namespace("CronJob", given.one("namespace")), kind_of(kind), name)
    return READS if rehearses(given) else Acts((action("rerun_job", about),))


def _manifests(given: Given, *, deletes: bool = False) -> Meaning:
    files = tuple(name for value in given.all("filename") for name in value.split(","))
    if given.words or not files:
        raise CommandRefused("names_nothing", "gives no manifest with -f FILE", where="--filename")
    for name in files:
        if name in ("-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"):
            raise CommandRefused("manifest_piped", "what would be piped into it isn't known", where="--filename")
        if any(sign in name for sign in "*?["):
            raise CommandRefused("manifest_folder", "may be several files, as kubectl reads it", where=name)
        if "://" in name:
            raise CommandRefused("manifest_remote", "is an address, and what it answers can change", where=name)
    if not rehearses(given):
        return Applies(files, given.one("namespace"), deletes)
    if given.one("output") not in ("", "name"):
        raise CommandRefused("reads_file", "prints what the file holds", where="--output")
    return READS


def cordon(words: Sequence[str], place: Place) -> Meaning:
    return _nodes("cordon_node", options(words, _SAID, place), place, {"unschedulable": True})


def uncordon(words: Sequence[str], place: Place) -> Meaning:
    return _nodes("cordon_node", options(words, _SAID, place), place, {"unschedulable": False})


def drain(words: Sequence[str], place: Place) -> Meaning:
    spec = "ignore-daemonsets delete-emptydir-data timeout= skip-wait-for-delete-timeout= chunk-size="
    return _nodes("drain_node", options(words, _SAID + spec, place), place, {})


def _nodes(kind: str, given: Given, place: Place, params: dict[str, object]) -> Meaning:
    if not given.words:
        raise CommandRefused("names_nothing", "names no node")
    names = [word.removeprefix("node/").removeprefix("nodes/") for word in given.words]
    actions = Acts(tuple(action(kind, target(place.cluster, "", "Node", name), params) for name in names))
    return READS if rehearses(given) else actions


def taint(words: Sequence[str], place: Place) -> Meaning:
    given = options(words, _SAID + "overwrite validate? ", place)
    if len(given.words) < 3 or given.words[0].lower() not in ("no", "node", "nodes"):
        raise CommandRefused("names_nothing", "isn't nodes NAME KEY=VALUE:EFFECT", where="kubectl taint")
    about = target(place.cluster, "", "Node", given.words[1])
    actions = Acts(tuple(action("change_taint", about, _taint(word)) for word in given.words[2:]))
    return READS if rehearses(given) else actions


def _taint(word: str) -> dict[str, object]:
    found = _TAINT.fullmatch(word)
    if found is None or not found["effect"]:
        raise CommandRefused("names_nothing", "isn't one taint with its effect", where=word)
    operation = "remove" if found["off"] else "add"
    return {"key": found["key"], "value": found["value"] or "", "effect": found["effect"], "operation": operation}


ACTS: Mapping[str, Verb] = {
    "scale": scale,
    "rollout": rollout,
    "delete": delete,
    "apply": apply,
    "replace": replace,
    "create": create,
    "patch": patch,
    "set": set_something,
    "cordon": cordon,
    "uncordon": uncordon,
    "drain": drain,
    "taint": taint,
}
