"""The shipped policy, compiled as it is, on data as a scenario wants it.

Only the data differs, so the compiled rules are shared by all scenarios; an overlay is read as the gate reads one.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from engine.adapters.opa.bundle import Bundle
from engine.adapters.opa.policy_data import lay_over, read_data_file
from engine.core import canonical


def varied_policy(bundle: Bundle, overlay: Path, data: dict[str, Any], lost: Sequence[tuple[str, ...]]) -> Bundle:
    """The bundle with ``data`` laid over its topics by way of the file ``overlay``, and without what is ``lost``."""
    overlay.write_text(yaml.safe_dump(data))
    document = json.loads(bundle.data_json)
    document["gate"]["data"] = lay_over(document["gate"]["data"], read_data_file(overlay))
    for *above, last in lost:
        node = document["gate"]["data"]
        for part in above:
            node = node[part]
        del node[last]
    encoded = canonical.encode(document)
    return replace(bundle, data_json=encoded, digest=canonical.digest_bytes(encoded))


def merge(target: dict[str, Any], source: dict[str, Any]) -> None:
    """Lay one mapping over another, in place."""
    for key, value in source.items():
        if isinstance(value, dict) and isinstance(target.get(key), dict):
            merge(target[key], value)
        else:
            target[key] = value
