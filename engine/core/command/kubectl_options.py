"""What kubectl's verbs have in common: options for all of them, and options that are refused wherever they stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.core.command.meaning import Place
from engine.core.command.options import Given, read_options
from engine.core.command.refusal import CommandRefused

GLOBAL = "n|namespace= context= request-timeout= "
REFUSED: Mapping[str, str] = {
    **dict.fromkeys(("as", "as-group", "as-uid", "as-user-extra"), "other_identity"),
    **dict.fromkeys(
        ("token", "kubeconfig", "user", "username", "password", "server", "s", "cluster"), "other_credentials"
    ),
    **dict.fromkeys(("client-certificate", "client-key", "certificate-authority"), "other_credentials"),
    **dict.fromkeys(("insecure-skip-tls-verify", "tls-server-name", "auth-token"), "other_credentials"),
    "raw": "raw_request",
    **dict.fromkeys(("all", "all-namespaces", "A"), "all_objects"),
    **dict.fromkeys(("selector", "l", "field-selector", "pod-selector"), "selector"),
    **dict.fromkeys(("force", "grace-period", "now", "disable-eviction", "force-conflicts", "prune"), "forced"),
    **dict.fromkeys(
        ("profile", "profile-output", "cache-dir", "log-file", "log-dir", "output-directory"), "writes_file"
    ),
    **dict.fromkeys(("kustomize", "k", "recursive", "R"), "manifest_folder"),
    **dict.fromkeys(("filename", "f", "patch-file", "from-file", "from-env-file", "env-file"), "reads_file"),
    **dict.fromkeys(("resolve", "from"), "reads_secret"),
    **dict.fromkeys(("interactive", "i", "stdin", "tty", "t", "edit"), "interactive"),
}
_FORMS = ("json", "yaml", "wide", "name")
_TEMPLATED = ("jsonpath=", "jsonpath-as-json=", "go-template=", "template=", "custom-columns=")


def options(words: Sequence[str], spec: str, place: Place) -> Given:
    """The words of one verb, where they go to the gate's own cluster and come out on the terminal."""
    given = read_options(words, GLOBAL + spec, REFUSED)
    context = given.one("context", place.cluster)
    if context != place.cluster:
        raise CommandRefused("other_credentials", f"isn't the cluster {place.cluster}", where="--context")
    form = given.one("output")
    if form and form not in _FORMS and not form.startswith(_TEMPLATED):
        code = "reads_file" if "file" in form else "option_value"
        raise CommandRefused(code, "isn't a form that only prints", where="--output")
    template = given.one("template")
    if template and "{" not in template:
        raise CommandRefused("reads_file", "may name a file", where="--template")
    return given


def rehearses(given: Given) -> bool:
    """Whether the command only says what it would do. Raises :class:`CommandRefused` where that isn't clear."""
    value = given.one("dry-run")
    if value in ("client", "server"):
        return True
    if value not in ("", "none"):
        raise CommandRefused("option_value", "is neither client, server nor none", where="--dry-run")
    return False
