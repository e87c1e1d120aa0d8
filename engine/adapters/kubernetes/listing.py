"""Reading all objects of a kind: page by page, from one version of the cluster, trimmed to what anybody reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engine.adapters.kubernetes.api import Api
from engine.adapters.kubernetes.resources import Resource
from engine.adapters.kubernetes.sharing import Sharing
from engine.core.errors import ClusterUnreachable, KindUnreadable, NotFound, VersionGone

PAGE = 500
ATTEMPTS = 3
# Written by controllers at every change and read by nobody here, often a third of an object.
_UNREAD_ANNOTATIONS = ("kubectl.kubernetes.io/last-applied-configuration",)


@dataclass(frozen=True, slots=True)
class Listing:
    """All objects of a kind, and the resourceVersion of the cluster that they were read at."""

    objects: list[dict[str, Any]]
    version: str


def read_all(api: Api, resource: Resource, namespace: str = "", *, sharing: Sharing | None = None) -> Listing:
    """Every object of a kind. Raises :class:`KindUnreadable` where the API has no such kind or gives none of it.

    Pages go back to the start when the version they began with is gone; the last attempt asks for one page.
    """
    for attempt in range(1, ATTEMPTS + 1):
        try:
            page = PAGE if attempt < ATTEMPTS else 0
            return _pages(api, resource, namespace, page=page, sharing=sharing or Sharing())
        except VersionGone:
            continue
        except (KindUnreadable, ClusterUnreachable):
            raise
        except NotFound as error:
            raise KindUnreadable(f"the cluster has no {resource.kind}", where=error.where) from None
    raise ClusterUnreachable("its versions are gone before they are read", where=resource.path(namespace))


def _pages(api: Api, resource: Resource, namespace: str, *, page: int, sharing: Sharing) -> Listing:
    found: list[dict[str, Any]] = []
    query = {"limit": str(page)} if page else {}
    while True:
        document = api.get(resource.path(namespace), query)
        items, metadata = document.get("items"), document.get("metadata")
        if not isinstance(items, list) or not isinstance(metadata, dict):
            raise ClusterUnreachable("the answer is no list", where=resource.path(namespace))
        found.extend(sharing.share(trimmed(item, resource)) for item in items)
        further = str(metadata.get("continue") or "")
        if not further:
            return Listing(found, str(metadata.get("resourceVersion") or ""))
        query = {"limit": str(page), "continue": further}


def trimmed(item: Any, resource: Resource) -> dict[str, Any]:
    """An object with its kind and without what nobody reads. Raises :class:`ClusterUnreachable` for no object."""
    metadata = item.get("metadata") if isinstance(item, dict) else None
    if not isinstance(metadata, dict) or not isinstance(metadata.get("name"), str):
        raise ClusterUnreachable("an object has no metadata.name", where=resource.path())
    metadata.pop("managedFields", None)
    for name in _UNREAD_ANNOTATIONS:
        (metadata.get("annotations") or {}).pop(name, None)
    return {"kind": resource.kind, "apiVersion": resource.api_version, **item}
