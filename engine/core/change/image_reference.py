"""The parts of an image reference: a colon may begin a port or a tag, and only its place says which."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ImageReference:
    """Name (registry and path), tag and digest; the last two may be empty."""

    name: str
    tag: str
    digest: str


def split(reference: str) -> ImageReference:
    """``registry:5000/a/b:1.2@sha256:…`` in its parts."""
    rest, _, digest = reference.partition("@")
    folder, slash, last = rest.rpartition("/")
    base, _, tag = last.partition(":")
    return ImageReference(f"{folder}{slash}{base}", tag, digest)
