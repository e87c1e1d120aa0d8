"""Equal parts of objects are kept once, and nothing that differs is taken for the same."""

from __future__ import annotations

import copy
from typing import Any

from engine.adapters.kubernetes.sharing import MOST, Sharing


def pod(name: str, **spec: Any) -> dict[str, Any]:
    container = {"name": "app", "image": "shop/app:1", "args": ["--serve", "--port=80"]}
    labels = {"app": "shop", "tier": "web"}
    return {"metadata": {"name": name, "labels": labels}, "spec": {"containers": [container], **spec}, "status": {}}


def test_what_is_equal_is_kept_once_and_reads_as_it_was() -> None:
    sharing, before = Sharing(), [pod("a", nodeName="one"), pod("b", nodeName="two")]
    one, other = (sharing.share(copy.deepcopy(each)) for each in before)
    assert [one, other] == before
    assert one["spec"]["containers"] is other["spec"]["containers"]
    assert one["metadata"]["labels"] is other["metadata"]["labels"]
    assert one["spec"] is not other["spec"] and one["status"] is not other["status"]


def test_what_only_compares_as_equal_stays_apart() -> None:
    sharing = Sharing()
    made = [sharing.share(pod("a", privileged=value))["spec"]["privileged"] for value in (1, True, 1.0, "1", None)]
    assert [(type(each), each) for each in made] == [
        (int, 1),
        (bool, True),
        (float, 1.0),
        (str, "1"),
        (type(None), None),
    ]
    empty = [sharing.share(pod("a", volumes=value))["spec"]["volumes"] for value in ([], {}, "")]
    assert [type(each) for each in empty] == [list, dict, str]


def test_it_doesn_t_grow_with_what_comes_and_goes() -> None:
    sharing = Sharing()
    for number in range(MOST):
        sharing.share(pod(f"pod-{number}", nodeName=f"node-{number}"))
    assert len(sharing._known) <= MOST + 50
