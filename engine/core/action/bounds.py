"""Bounded scalars that parameters are made of.

A parameter ends up in a manifest, a branch and a pull request, so each has an alphabet and a length, and a quantity
is one that Kubernetes would accept. What doesn't fit is refused before anything is looked up.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

_UNITS = {
    "": Decimal(1),
    "m": Decimal("0.001"),
    **{unit: Decimal(1000) ** power for power, unit in enumerate("kMGTP", 1)},
    **{f"{unit}i": Decimal(1024) ** power for power, unit in enumerate("KMGTP", 1)},
}
MOST_CPU = Decimal(256)
MOST_BYTES = Decimal(1024) ** 4 * 64


def amount(quantity: str) -> Decimal:
    """A Kubernetes quantity (``250m``, ``512Mi``) as a number of cores or bytes."""
    number = quantity.rstrip("kKMGTPim")
    return Decimal(number) * _UNITS[quantity[len(number) :]]


def _bounded(quantity: str) -> str:
    if amount(quantity) > MOST_BYTES:
        raise ValueError("more than 64Ti")
    return quantity


def _pinned(image: str) -> str:
    tag = image.rsplit("/", 1)[-1].partition("@")[0].partition(":")[2]
    if "@" not in image and tag in ("", "latest"):
        raise ValueError("an image needs a tag other than latest, or a digest")
    return image


_LABEL_NAME = r"[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?"

DnsLabel = Annotated[str, StringConstraints(max_length=63, pattern=r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$")]
OptionalDnsLabel = Annotated[str, StringConstraints(max_length=63, pattern=r"^([a-z0-9]([-a-z0-9]*[a-z0-9])?)?$")]
DnsName = Annotated[str, StringConstraints(max_length=253, pattern=r"^(\*\.)?[a-z0-9]([-a-z0-9.]*[a-z0-9])?$")]
ObjectName = Annotated[str, StringConstraints(max_length=253, pattern=r"^[A-Za-z0-9]([-A-Za-z0-9._:]*[A-Za-z0-9])?$")]
LabelKey = Annotated[
    str, StringConstraints(max_length=317, pattern=rf"^([a-z0-9][-a-z0-9.]{{0,251}}[a-z0-9]/)?{_LABEL_NAME}$")
]
LabelValue = Annotated[str, StringConstraints(max_length=63, pattern=rf"^({_LABEL_NAME})?$")]
ConfigKey = Annotated[str, StringConstraints(min_length=1, max_length=253, pattern=r"^[-._A-Za-z0-9]+$")]
ConfigValue = Annotated[
    str, StringConstraints(max_length=4096, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f\u{2028}-\u{202e}\u{2066}-\u{2069}]*$")
]
Image = Annotated[
    str,
    StringConstraints(
        max_length=400,
        pattern=r"^[a-z0-9]+([._-]+[a-z0-9]+)*(:[0-9]{1,5})?(/[a-z0-9]+([._-]+[a-z0-9]+)*)*"
        r"(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(@sha256:[a-f0-9]{64})?$",
    ),
    AfterValidator(_pinned),
]
Quantity = Annotated[
    str,
    StringConstraints(max_length=20, pattern=r"^[0-9]{1,12}(\.[0-9]{1,6})?(m|k|M|G|T|P|Ki|Mi|Gi|Ti|Pi)?$"),
    AfterValidator(_bounded),
]
Commit = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{7,64}$")]
RelativePath = Annotated[
    str, StringConstraints(max_length=200, pattern=r"^([A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*)?$")
]
GoDuration = Annotated[str, StringConstraints(max_length=20, pattern=r"^([1-9][0-9]{0,5}(h|m|s)){1,3}$")]
Port = Annotated[int, Field(ge=1, le=65535)]
Replicas = Annotated[int, Field(ge=0, le=1000)]
Pods = Annotated[int, Field(ge=0, le=1000)]
