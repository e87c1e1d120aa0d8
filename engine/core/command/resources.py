"""Kinds as kubectl is told them: plural, singular, short, with a group, beside or before a name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from engine.core.command.meaning import target
from engine.core.command.refusal import CommandRefused
from engine.core.proposal import TargetReference

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,252}")
_TYPE = re.compile(r"[A-Za-z][A-Za-z0-9-]*(\.[A-Za-z0-9.-]+)?")
_TABLE = """
Pod pods po | Deployment.apps deployments deploy | StatefulSet.apps statefulsets sts | DaemonSet.apps daemonsets ds
ReplicaSet.apps replicasets rs | ReplicationController replicationcontrollers rc | Job.batch jobs
CronJob.batch cronjobs cj | Service services svc | ConfigMap configmaps cm | Secret secrets | Node nodes no
Namespace namespaces ns | PersistentVolumeClaim persistentvolumeclaims pvc | PersistentVolume persistentvolumes pv
HorizontalPodAutoscaler.autoscaling horizontalpodautoscalers hpa
PodDisruptionBudget.policy poddisruptionbudgets pdb | NetworkPolicy.networking.k8s.io networkpolicies netpol
Ingress.networking.k8s.io ingresses ing | ServiceAccount serviceaccounts sa | Event events ev | Endpoints endpoints ep
Role.rbac.authorization.k8s.io roles | RoleBinding.rbac.authorization.k8s.io rolebindings
ClusterRole.rbac.authorization.k8s.io clusterroles | ClusterRoleBinding.rbac.authorization.k8s.io clusterrolebindings
ResourceQuota resourcequotas quota | LimitRange limitranges limits | PriorityClass.scheduling.k8s.io priorityclasses pc
StorageClass.storage.k8s.io storageclasses sc | CustomResourceDefinition.apiextensions.k8s.io customresourcedefinitions
Certificate.cert-manager.io certificates cert | Application.argoproj.io applications
Kustomization.kustomize.toolkit.fluxcd.io kustomizations ks | HelmRelease.helm.toolkit.fluxcd.io helmreleases hr
Terraform.infra.contrib.fluxcd.io terraforms tf
"""
CLUSTERED = frozenset(
    {
        *("Node", "Namespace", "PersistentVolume", "ClusterRole", "ClusterRoleBinding", "PriorityClass"),
        *("StorageClass", "CustomResourceDefinition"),
    }
)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind with its API group, empty for the core one."""

    name: str
    group: str


def _kinds() -> dict[str, Kind]:
    found: dict[str, Kind] = {}
    for entry in _TABLE.replace("\n", "|").split("|"):
        if entry.strip():
            first, *words = entry.split()
            name, _, group = first.partition(".")
            found.update({word: Kind(name, group) for word in (name.lower(), *words)})
    return found


KINDS = _kinds()


def kind_of(word: str) -> str:
    """The kind that a word names. Raises :class:`CommandRefused` for a word or group that isn't known."""
    first, dot, group = word.lower().partition(".")
    kind = KINDS.get(first)
    if kind is None or (dot and group not in (kind.group, f"v1.{kind.group}", f"v2.{kind.group}")):
        raise CommandRefused("unknown_kind", "isn't a kind that an action could be about", where=word)
    return kind.name


def read_only_kinds(words: Sequence[str]) -> None:
    """Raises :class:`CommandRefused` unless what a reading command names is plain, and no Secret."""
    for number, word in enumerate(words):
        kinds, slash, name = word.partition("/")
        typed = number == 0 or slash
        for kind in kinds.split(",") if typed else ():
            if "secret" in kind.lower() or kind.lower().startswith("sec."):
                raise CommandRefused("reads_secret", "is a Secret, or made of them", where=word)
            if _TYPE.fullmatch(kind) is None:
                raise CommandRefused("bad_name", "can't be a kind", where=word)
        if (slash and _NAME.fullmatch(name) is None) or (not typed and _NAME.fullmatch(word) is None):
            raise CommandRefused("bad_name", "can't be a name", where=word)


def named(words: Sequence[str], cluster: str, namespace: str) -> list[TargetReference]:
    """The objects of ``KIND NAME…`` or ``KIND/NAME…``. Raises :class:`CommandRefused`."""
    if not words:
        raise CommandRefused("names_nothing", "names no object")
    if any("/" in word for word in words):
        pairs = [word.partition("/")[::2] for word in words]
    elif len(words) == 1:
        raise CommandRefused("all_objects", "names a kind and no object", where=words[0])
    else:
        pairs = [(words[0], name) for name in words[1:]]
    return [_target(cluster, namespace, kind, name) for kind, name in pairs]


def _target(cluster: str, namespace: str, word: str, name: str) -> TargetReference:
    if "," in word:
        raise CommandRefused("all_objects", "names several kinds at once", where=word)
    if _NAME.fullmatch(name) is None or not word:
        raise CommandRefused("bad_name", "isn't KIND/NAME", where=f"{word}/{name}")
    kind = kind_of(word)
    return target(cluster, need_namespace(kind, namespace), kind, name)


def need_namespace(kind: str, namespace: str) -> str:
    """The namespace of an object of this kind; empty where it has none. Raises :class:`CommandRefused`."""
    if kind in CLUSTERED:
        return ""
    if not namespace:
        raise CommandRefused("namespace_missing", f"a {kind} is in a namespace, and none is named")
    return namespace
