"""Kinds that change configuration, scaling bounds and what the cluster keeps of both."""

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, model_validator

from engine.core.action.bounds import (
    ConfigKey,
    ConfigValue,
    DnsName,
    GoDuration,
    LabelKey,
    LabelValue,
    ObjectName,
    OptionalDnsLabel,
    Pods,
    Port,
    Quantity,
)
from engine.core.action.kind import WORKLOADS, ActionKind, Object, Params, Undo
from engine.core.proposal import TargetReference

PodsOrPercent = Pods | Annotated[str, StringConstraints(pattern=r"^(100|[1-9]?[0-9])%$")]
CONFIGURED = WORKLOADS | {"ConfigMap"}


class PatchConfig(Params):
    """One key of a ConfigMap, or one environment variable of a workload's container."""

    key: ConfigKey
    value: ConfigValue
    container: OptionalDnsLabel = ""


class SetFeatureFlag(Params):
    """A flag that configuration already has, turned on or off in the words that it uses there."""

    flag: ConfigKey
    value: Literal["on", "off", "true", "false", "enabled", "disabled", "1", "0"]
    container: OptionalDnsLabel = ""


class AdjustHpa(Params):
    """Bounds of an autoscaler; those not named stay."""

    min_replicas: Annotated[int, Field(ge=1, le=1000)] | None = None
    max_replicas: Annotated[int, Field(ge=1, le=1000)] | None = None

    @model_validator(mode="after")
    def _ordered(self) -> "AdjustHpa":
        if self.min_replicas is None and self.max_replicas is None:
            raise ValueError("name min_replicas, max_replicas or both")
        if (self.min_replicas or 1) > (self.max_replicas or 1000):
            raise ValueError("min_replicas is over max_replicas")
        return self


class AdjustPdb(Params):
    """One of the two figures of a disruption budget, as pods or percent."""

    min_available: PodsOrPercent | None = None
    max_unavailable: PodsOrPercent | None = None

    @model_validator(mode="after")
    def _one(self) -> "AdjustPdb":
        if (self.min_available is None) == (self.max_unavailable is None):
            raise ValueError("name exactly one of min_available and max_unavailable")
        return self


class ExpandVolume(Params):
    """``size`` of a claim afterwards; it can only grow."""

    size: Quantity


class ChangeService(Params):
    """A Service's type, selector labels or one port's target; what isn't named stays."""

    type: Literal["ClusterIP", "NodePort", "LoadBalancer"] | None = None
    selector: dict[LabelKey, LabelValue] = Field(default_factory=dict, max_length=10)
    port: Port | None = None
    target_port: Port | OptionalDnsLabel | None = None

    @model_validator(mode="after")
    def _something(self) -> "ChangeService":
        if (self.port is None) != (self.target_port is None):
            raise ValueError("port and target_port go together")
        if self.type is None and not self.selector and self.port is None:
            raise ValueError("name a type, a selector or a port")
        return self


class FailOver(Params):
    """Selector labels of the standby that a Service shall send to."""

    selector: dict[LabelKey, LabelValue] = Field(min_length=1, max_length=10)


class ChangeCertificate(Params):
    """Fields of a cert-manager Certificate; what isn't named stays."""

    issuer: ObjectName | None = None
    duration: GoDuration | None = None
    renew_before: GoDuration | None = None
    dns_names: list[DnsName] = Field(default_factory=list, max_length=100)

    @model_validator(mode="after")
    def _something(self) -> "ChangeCertificate":
        if not self.model_dump(exclude_none=True, exclude_defaults=True):
            raise ValueError("name at least one field")
        return self


class SilenceAlert(Params):
    """An alert of this target that isn't to page for a while; at most a day, it ends by itself."""

    alert: Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,62}$")]
    minutes: Annotated[int, Field(ge=1, le=1440)]


def _expanding(_params: Any, _target: TargetReference, _before: Object | None) -> Undo:
    return Undo(False, False, "a volume that grew can't shrink again")


def _silencing(_params: Any, _target: TargetReference, _before: Object | None) -> Undo:
    return Undo(True, False, "the silence ends by itself")


_HPA, _PDB = frozenset({"HorizontalPodAutoscaler"}), frozenset({"PodDisruptionBudget"})
_SERVICE, _CERTIFICATE = frozenset({"Service"}), frozenset({"Certificate"})

KINDS = (
    ActionKind("patch_config", "Set one configuration value", CONFIGURED, PatchConfig, disruption="rolling"),
    ActionKind("set_feature_flag", "Turn a feature flag on or off", CONFIGURED, SetFeatureFlag, disruption="rolling"),
    ActionKind("adjust_hpa", "Change an autoscaler's bounds", _HPA, AdjustHpa, disruption="rolling"),
    ActionKind("adjust_pdb", "Change a disruption budget", _PDB, AdjustPdb),
    ActionKind(
        "expand_volume", "Enlarge a volume claim", frozenset({"PersistentVolumeClaim"}), ExpandVolume, undo=_expanding
    ),
    ActionKind(
        "change_service", "Change a Service's type, selector or port", _SERVICE, ChangeService, disruption="all"
    ),
    ActionKind("fail_over", "Send a Service's traffic to its standby", _SERVICE, FailOver, disruption="all"),
    ActionKind("change_certificate", "Change a certificate's issuer, names or times", _CERTIFICATE, ChangeCertificate),
    ActionKind(
        "silence_alert",
        "Keep one alert of a target quiet for a while",
        WORKLOADS | {"CronJob", "Service"},
        SilenceAlert,
        undo=_silencing,
    ),
)
