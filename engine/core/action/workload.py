"""Kinds that change how a workload's pods run."""

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from engine.core.action.bounds import MOST_CPU, Commit, Image, OptionalDnsLabel, Quantity, Replicas, amount
from engine.core.action.kind import TEMPLATED, WORKLOADS, ActionKind, Object, Params, Undo
from engine.core.proposal import TargetReference

Container = OptionalDnsLabel
Periods = Annotated[int, Field(ge=0, le=3600)]
ResourceName = Literal["cpu", "memory", "ephemeral-storage"]


class RollbackWorkload(Params):
    """``to_revision``: ``previous``, a commit, or a rollout number that the cluster still knows."""

    to_revision: Literal["previous"] | Commit | Annotated[int, Field(ge=1, le=1_000_000)] = "previous"


class ScaleWorkload(Params):
    """``replicas`` is the count afterwards."""

    replicas: Replicas


class SetImage(Params):
    """``container`` may be left out where the pod has only one."""

    container: Container = ""
    image: Image


class SetResources(Params):
    """Quantities by resource; those not named stay."""

    container: Container = ""
    requests: dict[ResourceName, Quantity] = Field(default_factory=dict)
    limits: dict[ResourceName, Quantity] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _sane(self) -> "SetResources":
        if not self.requests and not self.limits:
            raise ValueError("name at least one request or limit")
        for name in self.requests.keys() & self.limits.keys():
            if amount(self.requests[name]) > amount(self.limits[name]):
                raise ValueError(f"the request of {name} is over its limit")
        cpus = [amount(q[key]) for q in (self.requests, self.limits) for key in q if key == "cpu"]
        if any(cpu > MOST_CPU for cpu in cpus):
            raise ValueError("more than 256 cores")
        return self


class SetProbe(Params):
    """Timing of one probe that the container already has; seconds and counts."""

    container: Container = ""
    probe: Literal["liveness", "readiness", "startup"]
    initial_delay_seconds: Periods | None = None
    period_seconds: Annotated[int, Field(ge=1, le=3600)] | None = None
    timeout_seconds: Annotated[int, Field(ge=1, le=3600)] | None = None
    failure_threshold: Annotated[int, Field(ge=1, le=1000)] | None = None
    success_threshold: Annotated[int, Field(ge=1, le=100)] | None = None

    @model_validator(mode="after")
    def _something(self) -> "SetProbe":
        if len(self.model_dump(exclude_none=True, exclude={"container", "probe"})) == 0:
            raise ValueError("name at least one timing")
        return self


class SetSecurityContext(Params):
    """Container security settings; ``privileged`` can only be taken away."""

    container: Container = ""
    run_as_non_root: bool | None = None
    read_only_root_filesystem: bool | None = None
    allow_privilege_escalation: bool | None = None
    privileged: Literal[False] | None = None

    @model_validator(mode="after")
    def _something(self) -> "SetSecurityContext":
        if len(self.model_dump(exclude_none=True, exclude={"container"})) == 0:
            raise ValueError("name at least one setting")
        return self


class SuspendCronJob(Params):
    """``suspend`` false lets it run again."""

    suspend: bool = True


def _restarting(_params: Any, _target: TargetReference, _before: Object | None) -> Undo:
    return Undo(True, False, "a restart leaves the desired state as it is")


def _scaling(params: Any, target: TargetReference, before: Object | None) -> Undo:
    policy = ((before or {}).get("spec") or {}).get("persistentVolumeClaimRetentionPolicy") or {}
    fewer = params.replicas < ((before or {}).get("spec") or {}).get("replicas", 1) if before else True
    if target.kind == "StatefulSet" and fewer and policy.get("whenScaled") == "Delete":
        return Undo(False, True, "the claims of the pods that go are deleted with them")
    return Undo(True, False, "the inverse edit restores the replica count")


KINDS = (
    ActionKind(
        "restart_workload",
        "Restart a workload's pods, one after another",
        WORKLOADS,
        disruption="rolling",
        undo=_restarting,
    ),
    ActionKind(
        "rollback_workload",
        "Return a workload to images it ran before",
        WORKLOADS,
        RollbackWorkload,
        disruption="rolling",
    ),
    ActionKind(
        "scale_workload",
        "Change a workload's replica count",
        frozenset({"Deployment", "StatefulSet"}),
        ScaleWorkload,
        disruption="rolling",
        undo=_scaling,
    ),
    ActionKind("set_image", "Set the image of a container", TEMPLATED, SetImage, disruption="rolling"),
    ActionKind(
        "set_resources", "Set requests and limits of a container", TEMPLATED, SetResources, disruption="rolling"
    ),
    ActionKind("set_probe", "Change the timing of a probe", WORKLOADS, SetProbe, disruption="rolling"),
    ActionKind(
        "set_security_context",
        "Change a container's security settings",
        TEMPLATED,
        SetSecurityContext,
        disruption="rolling",
    ),
    ActionKind("suspend_cronjob", "Suspend a CronJob, or let it run again", frozenset({"CronJob"}), SuspendCronJob),
)
