"""What objects of one kind have in common, kept once: the pods of a cluster come from few templates.

Thousands of them would otherwise hold thousands of equal containers, probes and labels. What is shared must not be
changed by anybody, which holds for all that is read of a cluster.
"""

from __future__ import annotations

from typing import Any

MOST = 20_000
_COMMON = ("labels", "annotations", "ownerReferences")


class Sharing:
    """Equal parts become the same part. Bounded: when it knows too many, it forgets all of them and begins anew."""

    def __init__(self) -> None:
        self._known: dict[Any, Any] = {}

    def share(self, obj: dict[str, Any]) -> dict[str, Any]:
        """The object with its spec, labels, annotations and owners shared; what is its own stays so."""
        if len(self._known) > MOST:
            self._known.clear()
        if "spec" in obj:
            obj["spec"] = self._same(obj["spec"])
        metadata = obj["metadata"]
        metadata.update({key: self._same(metadata[key]) for key in _COMMON if key in metadata})
        return obj

    def _same(self, value: Any) -> Any:
        if isinstance(value, str):
            return self._known.setdefault(value, value)
        if isinstance(value, dict):
            made = {key: self._same(each) for key, each in value.items()}
            return self._known.setdefault((dict, *((key, _mark(each)) for key, each in made.items())), made)
        if isinstance(value, list):
            several = [self._same(each) for each in value]
            return self._known.setdefault((list, *map(_mark, several)), several)
        return value


def _mark(value: Any) -> Any:
    """What tells a part from others: itself where it is kept, and its type beside its value, for 1 isn't true."""
    return id(value) if isinstance(value, (str, dict, list)) else (type(value), value)
