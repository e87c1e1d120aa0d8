"""argocd and flux: they read, and trying a failed sync again is an action; everything else goes around Git."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.core.command.meaning import READS, Acts, Meaning, Place, action, target
from engine.core.command.options import Given, read_options
from engine.core.command.refusal import CommandRefused
from engine.core.command.resources import kind_of, need_namespace

_ARGOCD_REFUSED: Mapping[str, str] = {
    **dict.fromkeys(("auth-token", "server", "config", "kube-context", "header", "H", "core"), "other_credentials"),
    **dict.fromkeys(("insecure", "plaintext", "client-crt", "client-crt-key", "server-crt"), "other_credentials"),
    **dict.fromkeys(("force", "prune", "replace", "revision", "server-side", "apply-out-of-sync-only"), "forced"),
    **dict.fromkeys(("local", "local-repo-root", "manifests"), "reads_file"),
    **dict.fromkeys(("l", "selector", "project", "label", "resource"), "selector"),
    "all": "all_objects",
}
_APP = "N|app-namespace= o|output= "
_ARGOCD_READS: Mapping[str, str] = {
    "get": _APP + "refresh hard-refresh show-operation show-params",
    "list": _APP + "l|selector= p|project= r|repo= c|cluster=",
    "history": _APP,
    "resources": _APP + "orphaned",
    "wait": _APP + "health sync operation suspended degraded timeout= delete",
    "diff": _APP + "refresh hard-refresh exit-code",
    "logs": _APP + "tail= since-seconds= f|follow c|container= group= kind= name= p|previous",
}
_FLUX_REFUSED: Mapping[str, str] = {
    **dict.fromkeys(("as", "as-group", "as-uid"), "other_identity"),
    **dict.fromkeys(
        ("token", "kubeconfig", "user", "server", "cluster", "insecure-skip-tls-verify"), "other_credentials"
    ),
    **dict.fromkeys(("force", "reset"), "forced"),
    "with-credentials": "reads_secret",
    "all": "all_objects",
    "export": "outside_git",
}
_FLUX = "n|namespace= context= timeout= "
_FLUX_READS: Mapping[str, str] = {
    "get": "A|all-namespaces no-header status-selector= l|label-selector= w|watch",
    "logs": "A|all-namespaces level= kind= name= since= since-time= tail= f|follow flux-namespace=",
    "events": "A|all-namespaces for= types= w|watch no-header",
    "tree": "o|output= compact",
    "trace": "api-version= kind=",
    "stats": "A|all-namespaces",
    "version": "client o|output=",
    "check": "pre components= components-extra=",
}
_SYNCED = frozenset({"kustomization", "ks", "helmrelease", "hr"})


def argocd(words: Sequence[str], place: Place) -> Meaning:
    """What ``argocd`` would do with these words. Raises :class:`CommandRefused`."""
    if words[:1] in (["version"], ["help"]):
        read_options(words[1:], "client short o|output=", _ARGOCD_REFUSED)
        return READS
    if words[:1] != ["app"] or len(words) < 2:
        where = f"argocd {words[0] if words else ''}".rstrip()
        raise CommandRefused("no_action_kind", "isn't about an application", where=where)
    verb, rest = words[1], words[2:]
    if verb in _ARGOCD_READS:
        read_options(rest, _ARGOCD_READS[verb], _ARGOCD_REFUSED)
        return READS
    if verb == "sync":
        return _sync(read_options(rest, _APP + "timeout= async retry-limit= dry-run", _ARGOCD_REFUSED), place)
    if verb == "actions" and rest[:1] == ["run"]:
        return _run(read_options(rest[1:], _APP + "kind= resource-name= namespace= group=", _ARGOCD_REFUSED), place)
    code = "reads_secret" if verb == "manifests" else "no_action_kind"
    raise CommandRefused(code, "goes around Git, or shows what Git made", where=f"argocd app {verb}")


def _sync(given: Given, place: Place) -> Meaning:
    if not given.words:
        raise CommandRefused("names_nothing", "names no application", where="argocd app sync")
    actions = []
    for word in given.words:
        folder, slash, name = word.rpartition("/")
        namespace = folder if slash else given.one("app-namespace", "argocd")
        actions.append(action("retry_sync", target(place.cluster, namespace, "Application", name)))
    return READS if given.flag("dry-run") else Acts(tuple(actions))


def _run(given: Given, place: Place) -> Meaning:
    if len(given.words) != 2 or given.words[1] != "restart":
        raise CommandRefused("no_action_kind", "isn't APPLICATION restart", where="argocd app actions run")
    kind, name = given.one("kind"), given.one("resource-name")
    if not kind or not name:
        raise CommandRefused("names_nothing", "names no --kind and --resource-name", where="argocd app actions run")
    kind = kind_of(kind)
    about = target(place.cluster, need_namespace(kind, given.one("namespace")), kind, name)
    return Acts((action("restart_workload", about),))


def flux(words: Sequence[str], place: Place) -> Meaning:
    """What ``flux`` would do with these words. Raises :class:`CommandRefused`."""
    verb, rest = (words[0], words[1:]) if words else ("", ())
    if verb in _FLUX_READS:
        given = _flux_options(rest, _FLUX_READS[verb], place)
        if any("secret" in word.lower() for word in given.words):
            raise CommandRefused("reads_secret", "is about a Secret", where=f"flux {verb}")
        return READS
    if verb == "reconcile":
        return _reconcile(_flux_options(rest, "with-source", place), place)
    known = {"suspend", "resume", "create", "delete", "install", "uninstall", "bootstrap", "push", "tag", "migrate"}
    code = "no_action_kind" if verb in known else "reads_secret" if verb == "export" else "unknown_verb"
    raise CommandRefused(code, "isn't reading, and no action does it", where=f"flux {verb}".rstrip())


def _flux_options(words: Sequence[str], spec: str, place: Place) -> Given:
    given = read_options(words, _FLUX + spec, _FLUX_REFUSED)
    if given.one("context", place.cluster) != place.cluster:
        raise CommandRefused("other_credentials", f"isn't the cluster {place.cluster}", where="--context")
    return given


def _reconcile(given: Given, place: Place) -> Meaning:
    if len(given.words) != 2 or given.words[0] not in _SYNCED:
        raise CommandRefused("no_action_kind", "isn't a kustomization or helmrelease", where="flux reconcile")
    about = target(place.cluster, given.one("namespace", "flux-system"), kind_of(given.words[0]), given.words[1])
    return Acts((action("retry_sync", about),))
