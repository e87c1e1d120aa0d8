"""GraphQL as far as GitHub is asked by it: questions and variables are held to GitHub's published schema.

An answer holds what was asked for and nothing else, and what is asked for has to exist. Points are counted as GitHub
counts them: connections that are asked for, by hundreds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from tests.fakes.github.published import GRAPHQL, published

_TOKEN = re.compile(r'\s+|,|(\.\.\.|[{}()\[\]:!$=]|"[^"]*"|-?[0-9]+|[A-Za-z_][A-Za-z0-9_]*)')


class Refused(Exception):
    """A question that GitHub's schema doesn't know."""


@dataclass
class Field:
    """One thing that is asked for; ``on`` is the type it is asked of, where that is conditional."""

    name: str
    alias: str
    arguments: dict[str, Any] = field(default_factory=dict)
    selected: list[Field] = field(default_factory=list)
    on: str = ""


@dataclass(frozen=True)
class Variable:
    """A variable that stands for a value."""

    name: str


class Parser:
    """A question as fields. Fragments are taken in where they are named."""

    def __init__(self, text: str) -> None:
        self._tokens = [found[1] for found in _TOKEN.finditer(text) if found[1]]
        joined = "".join(found[0] for found in _TOKEN.finditer(text))
        if joined != text:
            raise Refused("not GraphQL that is understood here")
        self._at = 0
        self.fragments: dict[str, list[Field]] = {}
        self.variables: dict[str, str] = {}
        self.kind = ""
        self.fields: list[Field] = []

    def parse(self) -> Parser:
        """Read fragments first, since they are named before they are defined."""
        for wanted in ("fragment", "operation"):
            self._at = 0
            while self._at < len(self._tokens):
                self._definition(reading=wanted)
        return self

    def _definition(self, *, reading: str) -> None:
        kind = self._next()
        name = self._next()
        if kind == "fragment":
            self._expect("on")
            on = self._next()
            self.fragments[name] = self._selection(on)
            return
        self.kind = kind
        if self._peek() == "(":
            self._declare()
        if reading == "fragment":
            self._skip()
        else:
            self.fields = self._selection("")

    def _declare(self) -> None:
        self._expect("(")
        while self._peek() != ")":
            self._expect("$")
            name = self._next()
            self._expect(":")
            written = ""
            while self._peek() not in ("$", ")"):
                written += self._next()
            self.variables[name] = written
        self._expect(")")

    def _skip(self) -> None:
        depth = 0
        while True:
            token = self._next()
            depth += {"{": 1, "}": -1}.get(token, 0)
            if depth == 0:
                return

    def _selection(self, on: str) -> list[Field]:
        self._expect("{")
        found: list[Field] = []
        while self._peek() != "}":
            found += self._selected(on)
        self._expect("}")
        return found

    def _selected(self, on: str) -> list[Field]:
        token = self._next()
        if token == "...":
            name = self._next()
            if name == "on":
                return self._selection(self._next())
            if name not in self.fragments:
                raise Refused(f"there is no fragment {name}")
            return self.fragments[name]
        alias = name = token
        if self._peek() == ":":
            self._next()
            name = self._next()
        arguments = self._arguments() if self._peek() == "(" else {}
        inner = self._selection("") if self._peek() == "{" else []
        return [Field(name, alias, arguments, inner, on)]

    def _arguments(self) -> dict[str, Any]:
        self._expect("(")
        found: dict[str, Any] = {}
        while self._peek() != ")":
            name = self._next()
            self._expect(":")
            found[name] = self._value()
        self._expect(")")
        return found

    def _value(self) -> Any:
        token = self._next()
        if token == "$":
            return Variable(self._next())
        if token == "{":
            found: dict[str, Any] = {}
            while self._peek() != "}":
                name = self._next()
                self._expect(":")
                found[name] = self._value()
            self._expect("}")
            return found
        if token == "[":
            listed = []
            while self._peek() != "]":
                listed.append(self._value())
            self._expect("]")
            return listed
        if token.startswith('"'):
            return token[1:-1]
        return int(token) if token.lstrip("-").isdigit() else {"true": True, "false": False}.get(token, token)

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _next(self) -> str:
        if self._at >= len(self._tokens):
            raise Refused("it ends too early")
        self._at += 1
        return self._tokens[self._at - 1]

    def _expect(self, token: str) -> None:
        if (found := self._next()) != token:
            raise Refused(f"{found!r} stands where {token!r} should")


class Schema:
    """GitHub's schema, and the execution of questions against it."""

    def __init__(self) -> None:
        self._types = {each["name"]: each for each in published(GRAPHQL, "package/schema.json")["__schema"]["types"]}

    def execute(self, text: str, variables: Mapping[str, Any], roots: Mapping[str, Any]) -> tuple[dict[str, Any], int]:
        """What was asked for, of the roots ``query`` and ``mutation``, and how many points it costs."""
        asked = _parsed(text)
        for name, written in asked.variables.items():
            self._require_value(variables.get(name), written, f"${name}")
        if set(variables) - set(asked.variables):
            raise Refused("a variable that the question doesn't declare")
        root = {"query": "Query", "mutation": "Mutation"}[asked.kind]
        points = [0]
        answer = self._select(roots[asked.kind], root, asked.fields, variables, points)
        return answer, max(1, round(points[0] / 100))

    def _select(
        self, value: Any, kind: str, fields: list[Field], variables: Mapping[str, Any], points: list[int]
    ) -> dict[str, Any]:
        found: dict[str, Any] = {}
        actual = str(value.get("__typename", kind))
        self._require_kind(actual, kind)
        for each in fields:
            if each.on and not self._is_a(actual, each.on):
                self._field(each.on, each.name)
                continue
            if each.name == "__typename":
                found[each.alias] = actual
                continue
            described = self._field(each.on or kind, each.name)
            given = {name: _bound(argument, variables) for name, argument in each.arguments.items()}
            self._require_arguments(described, given)
            made = value[each.name]
            answer = made(**given) if callable(made) else made
            found[each.alias] = self._shown(answer, described["type"], each, variables, points)
        return found

    def _shown(self, answer: Any, written: Any, asked: Field, variables: Mapping[str, Any], points: list[int]) -> Any:
        if written["kind"] == "NON_NULL":
            if answer is None:
                raise AssertionError(f"{asked.name} is never null on GitHub")
            return self._shown(answer, written["ofType"], asked, variables, points)
        if answer is None:
            return None
        if written["kind"] == "LIST":
            return [self._shown(each, written["ofType"], asked, variables, points) for each in answer]
        name = written["name"]
        if self._types[name]["kind"] in ("SCALAR", "ENUM"):
            if asked.selected:
                raise Refused(f"{asked.name} has no parts")
            self._require_scalar(answer, name, asked.name)
            return answer
        if not asked.selected:
            raise Refused(f"{asked.name} has parts, and none is asked for")
        points[0] += name.endswith("Connection")
        return self._select(answer, name, asked.selected, variables, points)

    def _field(self, kind: str, name: str) -> Any:
        found = next((each for each in self._types[kind].get("fields") or () if each["name"] == name), None)
        if found is None:
            raise Refused(f"{kind} has no field {name}")
        return found

    def _is_a(self, actual: str, wanted: str) -> bool:
        if wanted not in self._types:
            raise Refused(f"there is no type {wanted}")
        possible = self._types[wanted].get("possibleTypes") or ()
        return actual == wanted or actual in {each["name"] for each in possible}

    def _require_kind(self, actual: str, wanted: str) -> None:
        if not self._is_a(actual, wanted):
            raise AssertionError(f"a {actual} stands where GitHub has a {wanted}")

    def _require_arguments(self, described: Any, given: Mapping[str, Any]) -> None:
        known = {each["name"]: each for each in described["args"]}
        if set(given) - set(known):
            raise Refused(f"{described['name']} takes no {sorted(set(given) - set(known))}")
        for name, each in known.items():
            self._require(given.get(name), each["type"], f"{described['name']}.{name}", default=each["defaultValue"])

    def _require_value(self, value: Any, written: str, where: str) -> None:
        """Hold a variable to the type that the question declares for it."""
        if written.endswith("!"):
            if value is None:
                raise Refused(f"{where} is missing")
            written = written[:-1]
        if value is None:
            return
        if written.startswith("["):
            for each in value:
                self._require_value(each, written[1:-1], where)
            return
        self._require(value, {"kind": self._types[written]["kind"], "name": written}, where)

    def _require(self, value: Any, written: Any, where: str, default: Any = None) -> None:
        if written["kind"] == "NON_NULL":
            if value is None and default is None:
                raise Refused(f"{where} is missing")
            return self._require(value, written["ofType"], where, default)
        if value is None:
            return None
        if written["kind"] == "LIST":
            for each in value if isinstance(value, list) else [value]:
                self._require(each, written["ofType"], where)
            return None
        described = self._types[written["name"]]
        if described["kind"] != "INPUT_OBJECT":
            return self._require_scalar(value, written["name"], where)
        known = {each["name"]: each for each in described["inputFields"]}
        if set(value) - set(known):
            raise Refused(f"{where} has no {sorted(set(value) - set(known))}")
        for name, each in known.items():
            self._require(value.get(name), each["type"], f"{where}.{name}", each["defaultValue"])
        return None

    def _require_scalar(self, value: Any, name: str, where: str) -> None:
        described = self._types[name]
        if described["kind"] == "ENUM":
            good = value in {each["name"] for each in described["enumValues"]}
        else:
            good = isinstance(value, {"Int": int, "Boolean": bool, "Float": float}.get(name, str))
            good = good and (name != "GitObjectID" or re.fullmatch(r"[0-9a-f]{40}", value) is not None)
        if not good:
            raise Refused(f"{where}: {value!r} is no {name}")


@cache
def schema() -> Schema:
    """The schema, loaded once a process; the test is skipped where it can't be had."""
    return Schema()


@cache
def _parsed(text: str) -> Parser:
    return Parser(text).parse()


def _bound(value: Any, variables: Mapping[str, Any]) -> Any:
    if isinstance(value, Variable):
        return variables.get(value.name)
    if isinstance(value, dict):
        return {name: _bound(inner, variables) for name, inner in value.items()}
    return [_bound(inner, variables) for inner in value] if isinstance(value, list) else value


def connection(kind: str, nodes: list[Any]) -> Callable[..., dict[str, Any]]:
    """A connection as GitHub pages it: ``first`` or ``last`` of them is required, and a hundred is the most."""

    def page(first: int | None = None, last: int | None = None, **_: Any) -> dict[str, Any]:
        size = first or last
        if size is None or not 0 < size <= 100:
            raise Refused("a connection is asked for by first or last, at most 100")
        shown = nodes[:first] if first else nodes[-size:]
        return {"__typename": f"{kind}Connection", "nodes": shown, "totalCount": len(nodes)}

    return page
