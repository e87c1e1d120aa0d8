"""Every scalar's place is where it stands in the text, whatever stands before it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import yaml

from engine.core.change.yaml_source import Alias, compose

TEXTS = {
    "ascii": "spec:\n  replicas: 2\n",
    "accents and signs beyond them": "é: ü\n😀: x\nreplicas: 2\n",
    "a byte order mark": "\ufeffreplicas: 2\n",
    "a byte order mark and signs": "\ufeffé: 😀\nreplicas: 2\n",
    "carriage returns": "a: 1\r\nreplicas: 2\r\n",
    "behind a block": "a: |+\n  x\n\n\nreplicas: 2\n",
    "behind a folded one": "a: >-\n  x\n\n  y\nreplicas: 2",
    "in flow": "a: [é, {replicas: 2}]\n",
    "behind comments": "# ü\na: 1 # 😀\nreplicas: 2 # z\n",
    "a second document": "%YAML 1.1\n---\na: 1\n...\n---\nreplicas: 2\n",
    "behind an alias": "a: &x {b: é}\nc: *x\nreplicas: 2\n",
}


def scalars(node: yaml.Node) -> Iterator[yaml.Node]:
    if isinstance(node, yaml.ScalarNode):
        yield node
    elif not isinstance(node, Alias):
        for item in node.value:
            for inner in item if isinstance(item, tuple) else (item,):
                yield from scalars(inner)


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_plain_scalars_are_found_where_they_are(text: str) -> None:
    found = [node for document in compose(text, "x.yaml") for node in scalars(document.root) if not node.style]
    assert "2" in {node.value for node in found}
    for node in found:
        assert text[node.start_mark.index : node.end_mark.index] == node.value
