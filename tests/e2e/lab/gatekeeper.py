"""A real Gatekeeper beside the gate, for a benchmark: one rule, the very one that the gate answers agents with."""

from __future__ import annotations

import json
import os
from base64 import b64encode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from tests.e2e.lab.argocd import process
from tests.e2e.lab.control_plane import ControlPlane, module, tools, versions
from tests.e2e.lab.gate import until
from tests.e2e.lab.gitea import free_port

NAMESPACE, NAME, KIND = "gatekeeper-system", "gatekeeper-lab", "AgentsWriteNothing"
REFUSAL = "an agent may not write to the cluster itself"
REGO = f"""package agentswritenothing
violation[{{"msg": msg}}] {{
  startswith(input.review.userInfo.username, "system:serviceaccount:agents:")
  msg := "{REFUSAL}"
}}
"""


def binary() -> Path | None:
    """Gatekeeper where ``go install github.com/open-policy-agent/gatekeeper/v3`` put it in the tool cache, or none."""
    found = tools(os.environ) / "gatekeeper" / versions()["GATEKEEPER"] / "gatekeeper"
    return found if found.is_file() else None


@contextmanager
def running(plane: ControlPlane, program: Path, folder: Path, certificates: Path) -> Iterator[int]:
    """Its port, with the rule in it, until the end of the block. ``certificates`` has tls.crt, tls.key and ca.crt."""
    _install(plane)
    port = free_port()
    command = [
        str(program),
        "--operation=webhook",
        "--operation=status",
        "--operation=generate",
        f"--port={port}",
        "--host=127.0.0.1",
    ]
    command += [f"--cert-dir={certificates}", "--disable-cert-rotation=true", "--log-level=WARNING"]
    command += [f"--health-addr=127.0.0.1:{free_port()}", f"--prometheus-port={free_port()}"]
    own = {"POD_NAMESPACE": NAMESPACE, "POD_NAME": NAME, "KUBECONFIG": str(plane.kubeconfig)}
    log = folder / "gatekeeper.log"
    with process(command, {**os.environ, **own}, log):
        plane.kubectl("apply", "-f", "-", given=json.dumps(_template()))
        crd = f"crd/{KIND.lower()}.constraints.gatekeeper.sh"
        until(lambda: plane.tried("get", crd).returncode == 0, f"Gatekeeper makes the kind; see {log}")
        plane.kubectl("wait", "--for=condition=Established", crd, "--timeout=30s")
        plane.kubectl("apply", "-f", "-", given=json.dumps(_constraint()))
        yield port


def webhook(port: int, certificates: Path, rules: Sequence[Any], expression: str) -> dict[str, Any]:
    """What makes the API server ask it, about the same writes as the gate."""
    bundle = b64encode((certificates / "ca.crt").read_bytes()).decode()
    hook = {
        "name": "bench.gatekeeper.sh",
        "admissionReviewVersions": ["v1"],
        "clientConfig": {"url": f"https://127.0.0.1:{port}/v1/admit", "caBundle": bundle},
        "failurePolicy": "Fail",
        "matchConditions": [{"name": "held", "expression": expression}],
        "rules": list(rules),
        "sideEffects": "None",
        "timeoutSeconds": 3,
    }
    about = {"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingWebhookConfiguration"}
    return {**about, "metadata": {"name": "gatekeeper-bench"}, "webhooks": [hook]}


def _install(plane: ControlPlane) -> None:
    path = module(f"github.com/open-policy-agent/gatekeeper/v3@v{versions()['GATEKEEPER']}") / "deploy/gatekeeper.yaml"
    found = [one for one in yaml.safe_load_all(path.read_text()) if one]
    wanted = [one for one in found if one["kind"] in ("CustomResourceDefinition", "Namespace")]
    plane.kubectl("apply", "--server-side", "-f", "-", given=yaml.safe_dump_all(wanted))
    names = [f"crd/{one['metadata']['name']}" for one in wanted if one["kind"] == "CustomResourceDefinition"]
    plane.kubectl("wait", "--for=condition=Established", *names, "--timeout=60s")
    locked = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
    locked |= {"runAsNonRoot": True, "runAsUser": 1000, "seccompProfile": {"type": "RuntimeDefault"}}
    spec = {"containers": [{"name": "manager", "image": "gatekeeper:lab", "securityContext": locked}]}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": NAME, "namespace": NAMESPACE}, "spec": spec}
    plane.kubectl("apply", "-f", "-", given=json.dumps(pod))


def _template() -> dict[str, Any]:
    target = {"target": "admission.k8s.gatekeeper.sh", "rego": REGO}
    spec = {"crd": {"spec": {"names": {"kind": KIND}}}, "targets": [target]}
    about = {"apiVersion": "templates.gatekeeper.sh/v1", "kind": "ConstraintTemplate"}
    return {**about, "metadata": {"name": KIND.lower()}, "spec": spec}


def _constraint() -> dict[str, Any]:
    about = {"apiVersion": "constraints.gatekeeper.sh/v1beta1", "kind": KIND, "metadata": {"name": "bench"}}
    return {**about, "spec": {"match": {"kinds": [{"apiGroups": ["*"], "kinds": ["*"]}]}}}
