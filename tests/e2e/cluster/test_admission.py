"""Every way past the gate, tried as an agent with wide roles on a real API server, with the gate up and without it."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from engine.core.admission.manifests import REFUSAL
from engine.core.untrusted import one_line
from tests.conftest import DEMO_DATA, RECORDING
from tests.e2e.cluster.admission_attempts import GROUPS, VERBS, Attempt, attempts, crd, obj, workload
from tests.e2e.cluster.admission_attempts import POD_SPEC as POD
from tests.e2e.lab.control_plane import ControlPlane
from tests.e2e.lab.gate import run, serving, until
from tests.e2e.lab.gitea import free_port

UNREACHABLE = 'failed calling webhook "agents.admission.penstock.dev"'
WATCHED = "ns,cm,deploy,hpa,pods,sa,clusterrolebindings,crd,gadgets,csr,mutatingwebhookconfigurations"


@dataclass
class Lab:
    """The API server with an agent, somebody ordinary and a delivery in it, and the gate's own door."""

    plane: ControlPlane
    agent: Path
    ordinary: Path
    delivery: Path
    folder: Path
    port: int

    @property
    def manifests(self) -> Path:
        """What makes the API server ask."""
        return self.folder / "manifests.yaml"

    @property
    def environment(self) -> dict[str, str]:
        """The gate's settings."""
        certificates = self.folder / "certificates"
        return {
            "PENSTOCK_STATE": str(self.folder / "state"),
            "PENSTOCK_SNAPSHOT": str(RECORDING / "during"),
            "PENSTOCK_DATA": str(DEMO_DATA),
            "PENSTOCK_ADMISSION_CERT": str(certificates / "tls.crt"),
            "PENSTOCK_ADMISSION_KEY": str(certificates / "tls.key"),
            "PENSTOCK_ADMISSION_PORT": str(self.port),
        }

    def run(self, *arguments: str) -> str:
        """What the gate's own command prints."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PENSTOCK_")}
        done = run(kept, *arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def standing(self) -> str:
        """A digest of all that an agent tries to change, but for what the cluster itself writes."""
        items = json.loads(self.plane.kubectl("get", WATCHED, "-A", "-o", "json"))["items"]
        for item in items:
            item.pop("status", None)
            for noise in ("managedFields", "resourceVersion", "annotations"):
                item["metadata"].pop(noise, None)
        return hashlib.sha256(json.dumps(items, sort_keys=True).encode()).hexdigest()


@pytest.fixture(scope="module")
def lab(plane: ControlPlane, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    made = begun(plane, tmp_path_factory.mktemp("admission"))
    with ExitStack() as held:
        held.callback(plane.kubectl, "delete", "-f", str(made.manifests), "--ignore-not-found")
        hold(made)
        yield made


def begun(plane: ControlPlane, folder: Path) -> Lab:
    """Accounts and objects to try with, and the manifests that make the API server ask; not applied yet."""
    port = free_port()
    prepare(plane)
    made = Lab(
        plane,
        plane.account("agents", "triage"),
        plane.account("shop", "somebody"),
        plane.account("argocd", "argocd-application-controller"),
        folder,
        port,
    )
    made.run("admission", "certificates", str(folder / "certificates"), "--name", "127.0.0.1")
    made.run("admission", "certificates", str(folder / "certificates"), "--name", "127.0.0.1")
    bundle = str(folder / "certificates" / "ca.crt")
    door = ("--url", f"https://127.0.0.1:{port}", "--authority", bundle)
    made.manifests.write_text(made.run("admission", "manifests", *door))
    return made


def hold(lab: Lab) -> None:
    """From now on the API server asks."""
    lab.plane.kubectl("apply", "-f", str(lab.manifests))
    until(lambda: REFUSAL in tried(lab, Attempt("", ("create", "cm", "probe", "-n", "kube-system"))), "it holds")


def prepare(plane: ControlPlane) -> None:
    """Namespaces, objects to try at, and accounts whose roles let them do almost anything."""
    for namespace in ("agents", "shop", "argocd"):
        plane.kubectl("create", "namespace", namespace)
    wide = [{"apiGroups": GROUPS, "resources": ["*"], "verbs": VERBS}]
    hooks = ["validatingwebhookconfigurations", "mutatingwebhookconfigurations"]
    wide.append({"apiGroups": ["admissionregistration.k8s.io"], "resources": hooks, "verbs": VERBS})
    rbac = "rbac.authorization.k8s.io/v1"
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "wide"}
    accounts = {"agents": "triage", "shop": "somebody", "argocd": "argocd-application-controller"}
    subjects = [{"kind": "ServiceAccount", "name": name, "namespace": where} for where, name in accounts.items()]
    bystander = {"apiVersion": "admissionregistration.k8s.io/v1", "metadata": {"name": "bystander"}, "webhooks": []}
    made = [
        *(obj("ServiceAccount", name, namespace=where) for where, name in accounts.items()),
        obj("ClusterRole", "wide", rbac, "", rules=wide),
        obj("ClusterRoleBinding", "wide", rbac, "", roleRef=role, subjects=subjects),
        obj("ConfigMap", "settings", data={"a": "1"}),
        obj("Pod", "lone", spec=POD),
        obj("ServiceAccount", "default"),
        *(bystander | {"kind": f"{kind}WebhookConfiguration"} for kind in ("Validating", "Mutating")),
        crd(),
        workload(),
        request_for_certificate(),
    ]
    plane.kubectl("apply", "-f", "-", given=json.dumps({"apiVersion": "v1", "kind": "List", "items": made}))
    plane.kubectl("wait", "--for=condition=Established", "crd/gadgets.lab.example.com", "--timeout=30s")


def request_for_certificate() -> dict[str, Any]:
    from base64 import b64encode

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mallory")])
    asked = x509.CertificateSigningRequestBuilder().subject_name(name)
    signed = asked.sign(ec.generate_private_key(ec.SECP256R1()), hashes.SHA256())
    text = b64encode(signed.public_bytes(serialization.Encoding.PEM)).decode()
    spec = {"request": text, "signerName": "kubernetes.io/kube-apiserver-client", "usages": ["client auth"]}
    return obj("CertificateSigningRequest", "asked", "certificates.k8s.io/v1", "", spec=spec)


def tried(lab: Lab, attempt: Attempt, by: Path | None = None) -> str:
    """What an attempt is told; empty where it succeeds."""
    done = lab.plane.tried(*attempt.arguments, given=attempt.given, kubeconfig=by or lab.agent)
    return (done.stderr or "failed in silence") if done.returncode else ""


def table(lab: Lab, arm: str, refuses: Callable[[Attempt, str], bool]) -> None:
    """Try all of it, print what came of each, and fail for what went through or changed anything."""
    before = lab.standing()
    rows = [(attempt, tried(lab, attempt)) for attempt in attempts()]
    print(f"\n{arm}")
    for attempt, said in rows:
        print(f"  {'refused' if said else 'WENT THROUGH':13} {attempt.name:38} {one_line(said, limit=200)}")
    wrong = [f"{attempt.name}: {said[:400]}" for attempt, said in rows if not refuses(attempt, said)]
    assert not wrong, "\n".join(wrong)
    assert lab.standing() == before


def ordinary_write(lab: Lab, by: Path) -> str:
    given = json.dumps(obj("ConfigMap", "ordinary", data={"by": by.name}))
    applied = tried(lab, Attempt("", ("apply", "-f", "-"), given), by)
    return applied or tried(lab, Attempt("", ("delete", "cm", "ordinary", "-n", "shop")), by)


def refused_by(attempt: Attempt, said: str, gate: str) -> bool:
    """Whether it was refused by the one who should: a refusal for another reason proves nothing."""
    wanted = {"gate": gate, "backstop": REFUSAL, "roles": "is forbidden: User"}[attempt.by]
    return " ".join(wanted.split()) in " ".join(said.split())


@pytest.fixture
def served(lab: Lab) -> Iterator[Any]:
    with serving(lab.environment, lab.folder) as gate:
        yield gate


def test_with_the_gate_up_every_attempt_is_refused_with_a_recorded_reason(lab: Lab, served: Any) -> None:
    gate = "system:serviceaccount:agents:triage may not write to the cluster itself"
    table(lab, "The gate up", lambda attempt, said: refused_by(attempt, said, gate))
    assert ordinary_write(lab, lab.ordinary) == ""
    assert ordinary_write(lab, lab.delivery) == ""
    decided = [a for a in attempts() if a.by == "gate" and a.name != "a rehearsal"]
    verified = served.run("audit", "verify")
    assert verified.returncode == 0, verified.stderr
    shown = served.run("audit", "export").stdout
    assert sum('"kind":"decision"' in line for line in shown.splitlines()) >= len(decided)


def test_with_the_gate_stopped_every_attempt_is_refused_unasked(lab: Lab) -> None:
    table(lab, "The gate stopped", lambda attempt, said: refused_by(attempt, said, UNREACHABLE))
    assert ordinary_write(lab, lab.ordinary) == ""


def test_without_gate_and_webhooks_the_backstop_refuses_every_attempt(lab: Lab) -> None:
    hooks = ("mutatingwebhookconfiguration/penstock", "validatingwebhookconfiguration/penstock")
    lab.plane.kubectl("delete", *hooks)
    until(lambda: UNREACHABLE not in tried(lab, Attempt("", ("create", "cm", "probe", "-n", "shop"))), "they are gone")
    table(lab, "Neither gate nor webhooks", lambda attempt, said: refused_by(attempt, said, REFUSAL))
    assert ordinary_write(lab, lab.ordinary) == ""
    assert ordinary_write(lab, lab.delivery) == ""
