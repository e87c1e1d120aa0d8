"""GitHub's OpenAPI description: every request and every answer is held to it, and answers are made whole by it.

Only the operations that are used are kept, because the whole description takes a minute to load.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from openapi_core import Config, OpenAPI
from openapi_core.datatypes import RequestParameters
from werkzeug.datastructures import Headers, ImmutableMultiDict

from tests.fakes.github.published import OPENAPI, published

REPO = "/repos/{owner}/{repo}"
PATHS = (
    REPO,
    f"{REPO}/installation",
    "/app/installations/{installation_id}/access_tokens",
    f"{REPO}/pulls",
    f"{REPO}/pulls/{{pull_number}}",
    f"{REPO}/pulls/{{pull_number}}/merge",
    f"{REPO}/pulls/{{pull_number}}/requested_reviewers",
    f"{REPO}/issues/{{issue_number}}/labels",
    f"{REPO}/issues/{{issue_number}}/comments",
    f"{REPO}/issues/comments/{{comment_id}}",
    f"{REPO}/git/ref/{{ref}}",
    f"{REPO}/git/matching-refs/{{ref}}",
    f"{REPO}/git/refs",
    f"{REPO}/git/refs/{{ref}}",
    f"{REPO}/check-runs",
    f"{REPO}/check-runs/{{check_run_id}}",
    f"{REPO}/statuses/{{sha}}",
    f"{REPO}/rules/branches/{{branch}}",
    f"{REPO}/branches/{{branch}}/protection",
    f"{REPO}/activity",
)
HOST = "https://api.github.com"
AT, URL = "2026-11-14T03:00:00Z", "https://github.example/x"
"""What stands where an answer has to have a time or an address that nothing depends on."""


@dataclass
class Asked:
    """A request as the validator wants it."""

    method: str
    path: str
    parameters: RequestParameters
    body: bytes | None
    content_type: str = "application/json"
    host_url: str = HOST


@dataclass
class Answered:
    """An answer as the validator wants it."""

    status_code: int
    data: bytes
    content_type: str = "application/json"
    headers: Mapping[str, Any] = field(default_factory=dict)


class Description:
    """The operations of ``PATHS``."""

    def __init__(self) -> None:
        whole = published(OPENAPI, "package/generated/api.github.com.json")
        self._document = _sliced(whole)
        self._openapi = OpenAPI.from_dict(self._document, config=Config(spec_validator_cls=None))

    def check(self, asked: Asked, answered: Answered | None = None) -> None:
        """Raise what the validator raises when a request, or its answer, isn't as described."""
        if answered is None:
            self._openapi.validate_request(asked)
        else:
            self._openapi.validate_response(asked, answered)

    def answer(self, method: str, template: str, status: int, values: Any) -> Any:
        """``values`` with everything that an answer of this operation has to have besides."""
        responses = self._document["paths"][template][method.lower()]["responses"]
        found = self._resolved(responses[str(status)])
        content = found.get("content")
        return self._whole(content["application/json"]["schema"], values) if content else None

    def _resolved(self, node: Any) -> Any:
        while "$ref" in node:
            target: Any = self._document
            for part in node["$ref"].removeprefix("#/").split("/"):
                target = target[part.replace("~1", "/")]
            node = target
        return node

    def _whole(self, schema: Any, values: Any) -> Any:
        schema = self._flat(self._resolved(schema), values)
        if values is None:
            return None if schema.get("nullable") else self._default(schema)
        if isinstance(values, dict) and "properties" in schema:
            return self._object(schema, values)
        if isinstance(values, list):
            return [self._whole(schema["items"], each) for each in values]
        return values

    def _object(self, schema: Any, values: dict[str, Any]) -> dict[str, Any]:
        known = schema["properties"]
        unknown = set(values) - set(known)
        assert not unknown, f"GitHub's answers have no {sorted(unknown)}"
        names = [*schema.get("required", ()), *values]
        return {name: self._whole(known[name], values.get(name)) for name in dict.fromkeys(names)}

    def _flat(self, schema: Any, values: Any) -> Any:
        """One schema for one that is made of several; of alternatives, the first that the values fit into."""
        for word in ("anyOf", "oneOf"):
            if word in schema:
                options = [self._flat(self._resolved(each), values) for each in schema[word]]
                if isinstance(values, dict):
                    options = [each for each in options if self._fits(each, values)]
                return options[0]
        merged = dict(schema)
        for part in schema.get("allOf", ()):
            inner = self._flat(self._resolved(part), values)
            merged = {**inner, **merged, "properties": {**inner.get("properties", {}), **merged.get("properties", {})}}
        return merged

    def _fits(self, schema: Any, values: dict[str, Any]) -> bool:
        known = {name: self._resolved(each) for name, each in schema.get("properties", {}).items()}
        return all(name in known and value in known[name].get("enum", [value]) for name, value in values.items())

    def _default(self, schema: Any) -> Any:
        kind = schema.get("type", "object")
        if schema.get("enum"):
            return schema["enum"][0]
        if kind == "string":
            return {"date-time": AT, "uri": URL, "email": "someone@github.example"}.get(schema.get("format", ""), "x")
        plain = {"integer": 1, "number": 1, "boolean": False, "array": []}
        return plain[kind] if kind in plain else self._object({"properties": {}, **schema}, {})


@cache
def description() -> Description:
    """The description, loaded once a process; the test is skipped where it can't be had."""
    return Description()


def parameters(query: Mapping[str, str]) -> RequestParameters:
    """A request's parameters, as the validator wants them."""
    return RequestParameters(query=ImmutableMultiDict(query), header=Headers({}))


def _sliced(whole: Any) -> dict[str, Any]:
    kept: dict[str, Any] = {key: whole[key] for key in ("openapi", "info", "servers")}
    kept["paths"] = {path: whole["paths"][path] for path in PATHS}
    waiting, seen = list(_references(kept["paths"])), set[str]()
    while waiting:
        reference = waiting.pop()
        if reference in seen:
            continue
        seen.add(reference)
        _, group, name = reference.removeprefix("#/").split("/", 2)
        node = whole["components"][group][name]
        kept.setdefault("components", {}).setdefault(group, {})[name] = node
        waiting.extend(_references(node))
    mended: dict[str, Any] = json.loads(json.dumps(kept))
    _let_null_be_one_of_them(mended)
    return mended


def _let_null_be_one_of_them(node: Any) -> None:
    """Where a value may be null and is one of a list, GitHub means null besides; a strict reader wants it listed."""
    if isinstance(node, dict):
        if node.get("nullable") and isinstance(node.get("enum"), list) and None not in node["enum"]:
            node["enum"].append(None)
        for value in node.values():
            _let_null_be_one_of_them(value)
    elif isinstance(node, list):
        for value in node:
            _let_null_be_one_of_them(value)


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "$ref" and isinstance(value, str):
                yield value
            elif key not in ("examples", "example"):
                yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)
