"""The objects that make the API server ask the gate, and the one that holds when nobody answers.

Made of the same policy data that the gate reads, so that who is asked about and who is held can't part ways.

- A webhook for agents among the mutating ones, which the API server asks first: it changes nothing, but its refusal
  has reasons and a record. What is refused there never gets to the backstop.
- A webhook for what applies Git among the validating ones, which see the object as it will be stored. Agents are
  named there too, for a write that another webhook made different on the way.
- The glass, which the API server judges by itself as well: a person's write in an emergency has to say who, why and
  until when, and nobody else may say so.
- The backstop, which the API server judges by itself: without the gate, and without those webhooks.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from engine.core.admission import emergency
from engine.core.admission.writer import Roster

NAME = "penstock"
NAMESPACE = "penstock"
AGENTS = "agents.admission.penstock.dev"
WRITES = "writes.admission.penstock.dev"
BACKSTOP = "penstock-agents-write-nothing"
GLASS = "penstock-break-glass"
PATH = "/admission/v1/validate"
TIMEOUT_SECONDS = 3
EXEMPT = (NAMESPACE, "kube-system")
REFUSAL = "penstock: an agent may not write to the cluster itself. Propose it, and let GitOps apply what is merged"

Manifest = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Door:
    """Where the API server finds the gate: the Service, or an address with the authority's certificate in base64."""

    url: str = ""
    authority: str = ""

    @property
    def client_config(self) -> Manifest:
        """What a webhook says of it."""
        config: Manifest = {"url": self.url + PATH} if self.url else {"service": _SERVICE}
        return config | ({"caBundle": self.authority} if self.authority else {})


_SERVICE: Manifest = {"namespace": NAMESPACE, "name": "penstock-admission", "path": PATH, "port": 443}


def manifests(roster: Roster, door: Door | None = None) -> Sequence[Manifest]:
    """Webhook configurations, backstop and its binding, in the order in which to apply them."""
    asked = door or Door()
    everything = [{"apiGroups": ["*"], "apiVersions": ["*"], "resources": ["*/*"], "scope": "*"}]
    agents, delivery = agent_expression(roster), delivery_expression(roster)
    backstop = {
        "failurePolicy": "Fail",
        "matchConstraints": {
            "matchPolicy": "Equivalent",
            "resourceRules": [rule | {"operations": ["*"]} for rule in everything],
        },
        "matchConditions": [{"name": "agents", "expression": agents}],
        "validations": [{"expression": "false", "message": REFUSAL, "reason": "Forbidden"}],
        "auditAnnotations": [{"key": "refused", "valueExpression": "request.userInfo.username"}],
    }
    glass = backstop | {
        "matchConditions": [{"name": "emergency", "expression": emergency.held(roster.emergency)}],
        "validations": emergency.validations(roster.emergency),
        "auditAnnotations": [{"key": "by", "valueExpression": "request.userInfo.username"}],
    }
    return [
        *_policy(BACKSTOP, backstop),
        *_policy(GLASS, glass),
        _webhooks("Mutating", _webhook(AGENTS, agents, asked) | {"reinvocationPolicy": "Never"}, asked),
        _webhooks("Validating", _webhook(WRITES, f"({agents}) || ({delivery})", asked), asked),
    ]


def _policy(name: str, spec: Manifest) -> Sequence[Manifest]:
    binding = {"policyName": name, "validationActions": ["Deny", "Audit"]}
    return [
        _object("ValidatingAdmissionPolicy", name, spec=spec),
        _object("ValidatingAdmissionPolicyBinding", name, spec=binding),
    ]


def agent_expression(roster: Roster) -> str:
    """CEL that holds of a write by an agent, but for what it asks about itself."""
    groups = [*roster.groups, *(f"system:serviceaccounts:{name}" for name in roster.namespaces)]
    who = [f"request.userInfo.username in {_list(roster.users)}"]
    who += [
        f"request.userInfo.username.startsWith({json.dumps(f'system:serviceaccount:{n}:')})" for n in roster.namespaces
    ]
    who += [f"has(request.userInfo.groups) && request.userInfo.groups.exists(group, group in {_list(groups)})"]
    asks = f'request.operation == "CREATE" && {_WHOLE} && {_RESOURCE} in {_list(roster.harmless)}'
    return f"({' || '.join(f'({one})' for one in who)}) && !({asks})"


def delivery_expression(roster: Roster) -> str:
    """CEL that holds of a write that may apply what was merged."""
    part = '(!has(request.subResource) || request.subResource in ["", "scale"])'
    kinds = f'request.operation in ["CREATE", "UPDATE"] && {part} && {_GROUP} in {_list(roster.held_groups)}'
    return f"request.userInfo.username in {_list(roster.delivery)} && {kinds}"


_WHOLE = '(!has(request.subResource) || request.subResource == "")'
_GROUP = '(has(request.resource.group) ? request.resource.group : "")'
_RESOURCE = f'({_GROUP} + "/" + request.resource.resource)'


def _list(names: Sequence[str]) -> str:
    return json.dumps(list(names), ensure_ascii=True)


def _webhook(name: str, expression: str, door: Door) -> Manifest:
    rule = {"operations": ["*"], "apiGroups": ["*"], "apiVersions": ["*"], "resources": ["*/*"], "scope": "*"}
    exempt = {"key": "kubernetes.io/metadata.name", "operator": "NotIn", "values": list(EXEMPT)}
    return {
        "name": name,
        "admissionReviewVersions": ["v1"],
        "clientConfig": door.client_config,
        "failurePolicy": "Fail",
        "matchConditions": [{"name": "held", "expression": expression}],
        "matchPolicy": "Equivalent",
        "namespaceSelector": {"matchExpressions": [exempt]},
        "rules": [rule],
        "sideEffects": "NoneOnDryRun",
        "timeoutSeconds": TIMEOUT_SECONDS,
    }


def _webhooks(kind: str, webhook: Manifest, door: Door) -> Manifest:
    made = _object(f"{kind}WebhookConfiguration", NAME)
    if not door.authority:
        made["metadata"]["annotations"] = {"cert-manager.io/inject-ca-from": f"{NAMESPACE}/penstock-admission"}
    return made | {"webhooks": [webhook]}


def _object(kind: str, name: str, **rest: Any) -> Manifest:
    labels = {"app.kubernetes.io/name": NAME, "app.kubernetes.io/component": "admission"}
    metadata = {"name": name, "labels": labels}
    return {"apiVersion": "admissionregistration.k8s.io/v1", "kind": kind, "metadata": metadata, **rest}
