"""An edit touches the lines it means and no other byte."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.core.change.fields import ABSENT, FieldChange, find, parse_path, put, same
from engine.core.change.splice import edit, holds
from engine.core.change.yaml_source import read
from engine.core.errors import SourceAmbiguous

WORKLOADS = Path(__file__).parents[3] / "gitops" / "workloads"
STOREFRONT = (WORKLOADS / "apps/checkout/storefront.yaml").read_text()
POD = "spec.template.spec.containers[storefront]"


def changed(before: str, after: str) -> list[str]:
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm="")
    return [line for line in lines if not line.startswith(("---", "+++", "@@"))]


def edited(text: str, path: str, value: Any, document: int = 0) -> str:
    steps = parse_path(path)
    before = read(text.encode(), "f")[document]
    change = FieldChange(steps, find(before, steps), value)
    after = edit(text, document, change, "f.yaml")
    assert same(read(after.encode(), "f")[document], put(before, change)), "the edit means something else"
    return after


@pytest.mark.parametrize(
    ("path", "value", "lines"),
    [
        ("spec.replicas", 5, ["-  replicas: 3  # one a zone", "+  replicas: 5  # one a zone"]),
        (
            f"{POD}.env[FEATURE_EXPRESS_CHECKOUT].value",
            "on",
            ["-              value: 'off'   # stays a string", "+              value: 'on'   # stays a string"],
        ),
        (
            f"{POD}.resources.limits.cpu",
            "1",
            ["-            limits: {memory: 512Mi}", '+            limits: {memory: 512Mi, cpu: "1"}'],
        ),
        (
            f"{POD}.env[MODE].value",
            "0644",
            ["+            - name: MODE", '+              value: "0644"'],
        ),
        (
            "spec.template.metadata.annotations",
            {"a.b/c": "2026-11-14T03:12:00Z"},
            ["+      annotations:", '+        a.b/c: "2026-11-14T03:12:00Z"'],
        ),
        (
            f"{POD}.env[CART_URL]",
            ABSENT,
            ["-            - name: CART_URL", '-              value: "http://cart.checkout.svc:8080"'],
        ),
        (f"{POD}.readinessProbe.periodSeconds", ABSENT, ["-            periodSeconds: 5"]),
        (f"{POD}.securityContext.capabilities.drop", ["NET_RAW", "ALL"], None),
    ],
)
def test_the_diff_holds_the_intended_lines_only(path: str, value: Any, lines: list[str] | None) -> None:
    diff = changed(STOREFRONT, edited(STOREFRONT, path, value))
    assert diff == lines if lines is not None else len(diff) == 2


def test_the_right_document_of_several_is_edited() -> None:
    assert changed(STOREFRONT, edited(STOREFRONT, "spec.maxReplicas", 12, 2)) == [
        "-  maxReplicas: 10   # the licence of the search service ends here",
        "+  maxReplicas: 12   # the licence of the search service ends here",
    ]


@pytest.mark.parametrize("path", ["metadata.labels.x", "spec.template.metadata.labels.x", "metadata.labels"])
def test_what_an_alias_shares_is_not_edited(path: str) -> None:
    with pytest.raises(SourceAmbiguous, match="shared by an alias") as refusal:
        edit(STOREFRONT, 0, FieldChange(parse_path(path), ABSENT, {"a": "b"}), "f.yaml")
    assert refusal.value.where.startswith("f.yaml:")


def test_what_a_merge_key_may_bring_is_not_edited() -> None:
    text = "base: &b {cpu: 1}\nlimits:\n  <<: *b\n  memory: 1Gi\n"
    with pytest.raises(SourceAmbiguous, match="merge key"):
        edit(text, 0, FieldChange(("limits", "cpu"), 1, 2), "f.yaml")
    assert edit(text, 0, FieldChange(("limits", "memory"), "1Gi", "2Gi"), "f") == text.replace("1Gi", "2Gi")


def test_an_anchor_that_nobody_refers_to_stays_where_it_is() -> None:
    assert edited("a: &x 1\nb: 2\n", "a", 5) == "a: &x 5\nb: 2\n"


@pytest.mark.parametrize(
    ("text", "path", "value", "result"),
    [
        ("a: 1\r\nb: 2  # c\r\n", "b", 3, "a: 1\r\nb: 3  # c\r\n"),
        ("a:\r\n  b: 1\r\n", "a.c", 2, "a:\r\n  b: 1\r\n  c: 2\r\n"),
        ("a: 1", "b", 2, "a: 1\nb: 2"),
        ("a:\nb: 2\n", "a", 1, "a: 1\nb: 2\n"),
        ("a:  # why\nb: 2\n", "a.c", 1, "a:  # why\n  c: 1\nb: 2\n"),
        ("a: {}  # why\nb: 2\n", "a.c", 1, "a:  # why\n  c: 1\nb: 2\n"),
        ("a: []\nb: 2\n", "a", ["x"], "a:\n  - x\nb: 2\n"),
        ("a:\n- p\n- q # keep\nb: 1\n", "a", ["p", "q", "r"], "a:\n- p\n- q # keep\n- r\nb: 1\n"),
        ("a:\n- p\n- q # keep\nb: 1\n", "a", ["q"], "a:\n- q # keep\nb: 1\n"),
        ("a:\n  - name: p\n    v: 1\n", "a[q]", {"name": "q"}, "a:\n  - name: p\n    v: 1\n  - name: q\n"),
        ("a:\n  b: 1\nc: 2\n", "a.b", ABSENT, "a: {}\nc: 2\n"),
        ("a:\n  - x\nc: 2\n", "a[0]", ABSENT, "a: []\nc: 2\n"),
        ("a:\n- x\nc: 2\n", "a", [], "a: []\nc: 2\n"),
        ("a:\n- k: 1\n  l: 2  # why\nc: 2\n", "a", [], "a: []  # why\nc: 2\n"),
        ("a: {b: 1, c: 2}\n", "a.b", ABSENT, "a: {c: 2}\n"),
        ("a: {b: 1, c: 2}\n", "a.c", ABSENT, "a: {b: 1}\n"),
        ("a:\n  - k: 1\n    l: 2\n", "a[0].k", ABSENT, "a:\n  - l: 2\n"),
        ("a: |\n  one\n  two\nb: 1\n", "a", "one\nthree\n", "a: |\n  one\n  three\nb: 1\n"),
        ("a: |\n  one\n\nb: 1\n", "c", 2, "a: |\n  one\n\nb: 1\nc: 2\n"),
        ("a:\n  b: |\n    one\n# end\n", "a.c", 2, "a:\n  b: |\n    one\n  c: 2\n# end\n"),
        ("a: 'it''s'\n", "a", "it's on", "a: 'it''s on'\n"),
        ("a: !!str 5\n", "a", "6", 'a: !!str "6"\n'),
        ('{"a": {"b": 1}}\n', "a.b", 2, '{"a": {"b": 2}}\n'),
        ('{"a": {"b": 1}}\n', "a.c", "on", '{"a": {"b": 1, "c": "on"}}\n'),
    ],
)
def test_styles_endings_and_comments_are_kept(text: str, path: str, value: Any, result: str) -> None:
    assert edited(text, path, value) == result


def test_a_document_holds_a_path_only_where_it_says_so_itself() -> None:
    assert holds(STOREFRONT, 0, parse_path("spec.replicas"), "f")
    assert not holds(STOREFRONT, 0, parse_path("spec.paused"), "f")


FILES = sorted(p for p in WORKLOADS.rglob("*.yaml") if "json6902" not in p.name and p.name != "kustomization.yaml")


def leaves(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if isinstance(value, dict) and value:
        return [leaf for key, item in value.items() for leaf in leaves(item, (*path, key))]
    if isinstance(value, list) and value:
        return [leaf for index, item in enumerate(value) for leaf in leaves(item, (*path, index))]
    return [path]


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_any_scalar_of_any_manifest_can_be_set_on_its_own_line_and_set_back(data: st.DataObject) -> None:
    text = data.draw(st.sampled_from([f.read_text() for f in FILES]))
    documents = read(text.encode(), "f")
    index = data.draw(st.integers(0, len(documents) - 1))
    path = data.draw(st.sampled_from(leaves(documents[index])))
    old = find(documents[index], path)
    new = data.draw(st.sampled_from(["on", "0644", "plain", "a: b", 7, True]))
    try:
        after = edit(text, index, FieldChange(path, old, new), "f")
    except SourceAmbiguous:
        assert "*" in text or "<<" in text
        return
    want = [*documents]
    want[index] = put(documents[index], FieldChange(path, old, new))
    assert same(read(after.encode(), "f"), want)
    assert len(changed(text, after)) in (0, 2)
    back = edit(after, index, FieldChange(path, new, old), "f")
    assert same(read(back.encode(), "f"), documents)
