"""kubectl's verbs that only read, each with the options that it may have."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from engine.core.command.kubectl_options import options
from engine.core.command.meaning import READS, Meaning, Place
from engine.core.command.refusal import CommandRefused
from engine.core.command.resources import read_only_kinds

Verb = Callable[[Sequence[str], Place], Meaning]

_WIDE = "A|all-namespaces l|selector= field-selector= "
_GET = (
    _WIDE + "o|output= w|watch watch-only show-labels sort-by= no-headers L|label-columns= ignore-not-found "
    "chunk-size= template= show-kind server-print output-watch-events allow-missing-template-keys show-managed-fields"
)
_LOGS = (
    "c|container= f|follow p|previous tail= since= since-time= timestamps all-containers l|selector= prefix "
    "max-log-requests= limit-bytes= ignore-errors pod-running-timeout= all-pods"
)
_TOP = _WIDE + "sort-by= containers no-headers show-capacity sum use-protocol-buffers"
_EVENTS = "A|all-namespaces for= types= w|watch o|output= no-headers chunk-size="
_WAIT = _WIDE + "for= timeout= o|output="
_AUTH = {"can-i": "A|all-namespaces q|quiet subresource= no-headers list", "whoami": "o|output="}
_CONFIG = {
    "view": "minify o|output=",
    "current-context": "",
    "get-contexts": "o|output= no-headers",
    "get-clusters": "",
    "get-users": "",
}


def _objects(spec: str, words: Sequence[str], place: Place) -> Meaning:
    """``get``, ``describe`` and ``wait``: kinds and names, and none of them a Secret."""
    given = options(words, spec, place)
    if not given.words:
        raise CommandRefused("names_nothing", "names no kind")
    read_only_kinds(given.words)
    return READS


def _plain(spec: str, words: Sequence[str], place: Place) -> Meaning:
    """Verbs whose words are a pod or a kind; nothing that they name can show a Secret."""
    given = options(words, spec, place)
    read_only_kinds([word for word in given.words if "/" in word])
    return READS


def _cluster_info(words: Sequence[str], place: Place) -> Meaning:
    if options(words, "", place).words:
        raise CommandRefused(
            "writes_file", "collects everything that the cluster has", where="kubectl cluster-info dump"
        )
    return READS


def _group(name: str, specs: Mapping[str, str], code: str, words: Sequence[str], place: Place) -> Meaning:
    """``auth`` and ``config``: the subcommands that read, and one reason for the others."""
    if not words or words[0] not in specs:
        where = f"kubectl {name} {words[0] if words else ''}".rstrip()
        raise CommandRefused(code, "isn't one of the subcommands that read", where=where)
    options(words[1:], specs[words[0]], place)
    return READS


READS_BY_VERB: Mapping[str, Verb] = {
    "get": partial(_objects, _GET),
    "describe": partial(_objects, _WIDE + "show-events chunk-size="),
    "wait": partial(_objects, _WAIT),
    "logs": partial(_plain, _LOGS),
    "top": partial(_plain, _TOP),
    "events": partial(_plain, _EVENTS),
    "explain": partial(_plain, "recursive api-version= o|output="),
    "api-resources": partial(_plain, "namespaced api-group= verbs= o|output= no-headers sort-by= cached categories="),
    "api-versions": partial(_plain, ""),
    "version": partial(_plain, "client short o|output="),
    "completion": partial(_plain, ""),
    "options": partial(_plain, ""),
    "help": partial(_plain, ""),
    "cluster-info": _cluster_info,
    "auth": partial(_group, "auth", _AUTH, "permissions"),
    "config": partial(_group, "config", _CONFIG, "changes_client"),
}
