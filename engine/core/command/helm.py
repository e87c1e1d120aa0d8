"""helm: it reads releases, and a rollback becomes the rollback of the one workload that the release runs.

What shows a release's values or manifests shows the credentials in them, so those are refused like Secrets.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.core.command.meaning import READS, Meaning, Place, RollsBackRelease, target
from engine.core.command.options import Given, read_options
from engine.core.command.refusal import CommandRefused

GLOBAL = "n|namespace= kube-context= "
REFUSED: Mapping[str, str] = {
    **dict.fromkeys(("kube-as-user", "kube-as-group"), "other_identity"),
    **dict.fromkeys(
        ("kube-token", "kube-apiserver", "kube-ca-file", "kubeconfig", "kube-tls-server-name"), "other_credentials"
    ),
    **dict.fromkeys(("username", "password", "ca-file", "cert-file", "key-file"), "other_credentials"),
    **dict.fromkeys(("registry-config", "repository-config", "repository-cache"), "other_credentials"),
    **dict.fromkeys(("force", "no-hooks", "recreate-pods", "cleanup-on-fail"), "forced"),
    **dict.fromkeys(("post-renderer", "post-renderer-args"), "external_program"),
    "output-dir": "writes_file",
    "template": "reads_file",
    "l": "selector",
    "selector": "selector",
}
_LIST = (
    "A|all-namespaces a|all d|date deployed failed f|filter= m|max= offset= o|output= pending r|reverse q|short "
    "superseded uninstalled uninstalling no-headers time-format= l|selector="
)
_READS: Mapping[str, str] = {
    "list": _LIST,
    "ls": _LIST,
    "history": "max= o|output=",
    "hist": "max= o|output=",
    "status": "o|output= revision= show-desc",
    "version": "short",
    "help": "",
}
_CHANGES = frozenset({"upgrade", "install", "uninstall", "delete", "del", "un"})
_CLIENT = frozenset({"repo", "plugin", "registry", "dependency", "dep", "pull", "fetch", "push", "package", "create"})
_RUNS = frozenset({"template", "lint", "test", "show", "inspect", "search", "verify"})


def helm(words: Sequence[str], place: Place) -> Meaning:
    """What ``helm`` would do with these words. Raises :class:`CommandRefused`."""
    first = read_options(words, GLOBAL, REFUSED, until_word=True)
    verb = first.words[0] if first.words else ""
    rest = [*(f"--{name}={value}" for name, values in first.options.items() for value in values), *first.words[1:]]
    if verb in _READS:
        given = _options(rest, _READS[verb], place)
        if verb == "status" and given.one("output", "table") != "table":
            raise CommandRefused("reads_secret", "shows values, and the credentials in them", where="helm status -o")
        return READS
    if verb == "get":
        return _get(rest, place)
    if verb == "rollback":
        return _rollback(rest, place)
    raise _refusal(verb)


def _refusal(verb: str) -> CommandRefused:
    where = f"helm {verb}".rstrip()
    if verb in _CHANGES:
        return CommandRefused("outside_git", "changes a release behind Git's back", where=where)
    if verb in _CLIENT:
        return CommandRefused("changes_client", "changes what this machine has of charts", where=where)
    if verb in _RUNS:
        return CommandRefused("external_program", "fetches or runs what a chart names", where=where)
    return CommandRefused("unknown_verb", "isn't a command of helm; a plugin could be anything", where=where)


def _options(words: Sequence[str], spec: str, place: Place) -> Given:
    given = read_options(words, GLOBAL + spec, REFUSED)
    if given.one("kube-context", place.cluster) != place.cluster:
        raise CommandRefused("other_credentials", f"isn't the cluster {place.cluster}", where="--kube-context")
    if given.one("output", "table") not in ("table", "json", "yaml"):
        raise CommandRefused("option_value", "isn't table, json or yaml", where="--output")
    return given


def _get(words: Sequence[str], place: Place) -> Meaning:
    given = _options(words, "revision= o|output=", place)
    if given.words[:1] in (["notes"], ["metadata"]):
        return READS
    what = given.words[0] if given.words else ""
    raise CommandRefused("reads_secret", "shows values, and the credentials in them", where=f"helm get {what}".rstrip())


def _rollback(words: Sequence[str], place: Place) -> Meaning:
    given = _options(words, "wait timeout= history-max= wait-for-jobs dry-run? ", place)
    if not 1 <= len(given.words) <= 2 or not given.words[-1]:
        raise CommandRefused("names_nothing", "isn't RELEASE [REVISION]", where="helm rollback")
    namespace, release = given.one("namespace"), given.words[0]
    if not namespace:
        raise CommandRefused("namespace_missing", "a release is in a namespace, and none is named")
    target(place.cluster, namespace, "HelmRelease", release)
    revision = given.words[1] if len(given.words) == 2 else "0"
    if not (revision.isascii() and revision.isdigit()) or len(revision) > 6:
        raise CommandRefused("option_value", "isn't a revision", where=revision)
    dry = given.one("dry-run", "none")
    if dry not in ("none", "false", "true", "client", "server"):
        raise CommandRefused("option_value", "is no kind of dry run", where="--dry-run")
    return RollsBackRelease(release, namespace, int(revision)) if dry in ("none", "false") else READS
