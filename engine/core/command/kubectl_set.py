"""``kubectl set``: image, resources and env of a workload's containers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from engine.core.command.kubectl_options import GLOBAL, REFUSED, options, rehearses
from engine.core.command.meaning import READS, Acts, Meaning, Place, action
from engine.core.command.options import Given, read_options
from engine.core.command.refusal import CommandRefused
from engine.core.command.resources import named
from engine.core.proposal import ActionRequest

_SAID = "dry-run? o|output= field-manager= show-managed-fields "
_NEVER = {"selector": "no_action_kind", "serviceaccount": "permissions", "sa": "permissions", "subject": "permissions"}


def set_something(words: Sequence[str], place: Place) -> Meaning:
    """The actions that ``kubectl set`` asks for. Raises :class:`CommandRefused`."""
    first = read_options(words, GLOBAL, REFUSED, until_word=True)
    what = first.words[0] if first.words else ""
    rest = [*(f"--{name}={value}" for name, values in first.options.items() for value in values), *first.words[1:]]
    if what not in _PARTS:
        code = _NEVER.get(what, "unknown_verb")
        raise CommandRefused(code, "isn't something that an action sets", where=f"kubectl set {what}".rstrip())
    spec, make = _PARTS[what]
    given = options(rest, _SAID + spec, place)
    if what == "env" and given.flag("list"):
        return READS
    actions = make(given, place)
    return READS if rehearses(given) else Acts(tuple(actions))


def _split(given: Given) -> tuple[list[str], list[str]]:
    """Words that name objects, and words that assign."""
    assigned = [word for word in given.words if "=" in word or word.endswith("-")]
    if not assigned:
        raise CommandRefused("names_nothing", "sets nothing", where="kubectl set")
    return [word for word in given.words if word not in assigned], assigned


def _images(given: Given, place: Place) -> list[ActionRequest]:
    words, assigned = _split(given)
    pairs = [word.partition("=")[::2] for word in assigned]
    if any(container == "*" for container, _ in pairs):
        raise CommandRefused("all_objects", "means every container", where="*")
    targets = named(words, place.cluster, given.one("namespace"))
    return [action("set_image", t, {"container": c, "image": image}) for t in targets for c, image in pairs]


def _resources(given: Given, place: Place) -> list[ActionRequest]:
    params: dict[str, Any] = {which: _quantities(given.one(which)) for which in ("requests", "limits")}
    container = given.one("containers")
    if container == "*":
        raise CommandRefused("all_objects", "means every container", where="*")
    about = {"container": container} | {which: values for which, values in params.items() if values}
    return [action("set_resources", t, about) for t in named(given.words, place.cluster, given.one("namespace"))]


def _quantities(text: str) -> dict[str, str]:
    pairs = [part.partition("=") for part in text.split(",") if part]
    if len({name for name, _, _ in pairs}) != len(pairs):
        raise CommandRefused("repeated_option", "names a resource twice", where=text)
    return {name: value for name, _, value in pairs}


def _variables(given: Given, place: Place) -> list[ActionRequest]:
    words, assigned = _split(given)
    if any("=" not in word for word in assigned):
        raise CommandRefused("no_action_kind", "no action takes a variable away", where="kubectl set env")
    pairs = [word.partition("=")[::2] for word in assigned]
    container = given.one("containers")
    targets = named(words, place.cluster, given.one("namespace"))
    made = [{"key": key, "value": value} | ({"container": container} if container else {}) for key, value in pairs]
    return [action("patch_config", about, dict(params)) for about in targets for params in made]


_PARTS: Mapping[str, tuple[str, Callable[[Given, Place], list[ActionRequest]]]] = {
    "image": ("", _images),
    "resources": ("c|containers= limits= requests=", _resources),
    "env": ("c|containers= list overwrite", _variables),
}
