"""Given: what Git and the cluster say of the configuration that workloads read."""

from __future__ import annotations

from pytest_bdd import given, parsers

from engine.core.facts.configuration import APPROVAL
from tests.features.night import Night, Objects
from tests.features.when_reconciling import CONFIGURATION

NAMED = "  name: payments-config\n"


@given(parsers.parse("Git says that the configuration of payments-api is {word}"))
@given(parsers.parse("Git says that the configuration of ledger-worker is {word}"))
def marked(night: Night, word: str) -> None:
    marked_as = f"{NAMED}  annotations:\n    {APPROVAL}: {word}\n"
    night.merged_by_hand(CONFIGURATION, lambda text: text.replace(NAMED, marked_as), "Say how far it is")


@given("the policy tolerates no configuration without a status")
def strict(night: Night) -> None:
    night.policy("changes", unmarked_configuration="refused")


@given("somebody marked it as approved in the cluster")
def marked_live(night: Night) -> None:
    def approve(items: Objects) -> None:
        annotations = {APPROVAL: "approved"}
        metadata = {"name": "payments-config", "namespace": "payments", "annotations": annotations}
        items.append({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata})

    night.cluster("ConfigMap", approve)
