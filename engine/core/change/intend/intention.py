"""Which intention belongs to which kind, and the sentence that says what would change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.core.change.fields import ABSENT, FieldChange, Item, differences, show
from engine.core.change.intend import configuration, one_shot, privileged, workload
from engine.core.change.intend.situation import Intending, Intent, Situation
from engine.core.errors import CarriesSecret, NothingToChange
from engine.core.redaction import carries_secret, holds_secret

INTENTIONS: Mapping[str, Intending] = {
    "restart_workload": workload.restart,
    "rollback_workload": workload.rollback,
    "scale_workload": workload.scale,
    "set_image": workload.set_image,
    "set_resources": workload.set_resources,
    "set_probe": workload.set_probe,
    "set_security_context": workload.set_security_context,
    "suspend_cronjob": workload.suspend,
    "revert_commit": workload.take_back,
    "patch_config": configuration.patch_config,
    "set_feature_flag": configuration.set_feature_flag,
    "adjust_hpa": configuration.adjust_hpa,
    "adjust_pdb": configuration.adjust_pdb,
    "expand_volume": configuration.expand_volume,
    "change_service": configuration.change_service,
    "fail_over": configuration.fail_over,
    "change_certificate": configuration.change_certificate,
    "silence_alert": configuration.silence,
    "revert_drift": configuration.revert_drift,
    "retry_sync": configuration.retry_sync,
    "codify_drift": configuration.codify_drift,
    "cordon_node": privileged.cordon,
    "drain_node": privileged.drain,
    "change_taint": privileged.change_taint,
    "change_rbac": privileged.change_rbac,
    "change_network_policy": privileged.change_network_policy,
    "change_iam": privileged.change_iam,
    "terraform_change": privileged.change_terraform,
    "delete_resource": privileged.delete,
    "rerun_job": one_shot.rerun,
    "clear_ephemeral_storage": one_shot.clear_storage,
    "rotate_logs": one_shot.rotate_logs,
    "clear_cache": one_shot.clear_cache,
    "edit_by_hand": privileged.edit_by_hand,
}


def intend(situation: Situation) -> Intent:
    """What the target shall be. Raises :class:`NothingToChange` where Git says so already, and
    :class:`~engine.core.errors.ChangeRefused` where the parameters don't suit this object."""
    intent = INTENTIONS[situation.action.kind.id](situation)
    if intent.added is None and intent.after is not None and not list(differences(situation.rendered, intent.after)):
        raise NothingToChange("Git already holds this", remedy="Look whether Git was applied at all")
    _refuse_secrets(situation, intent)
    return intent


def _refuse_secrets(situation: Situation, intent: Intent) -> None:
    """What is in Git can't be taken back, so no credential is ever written there."""
    changes = [] if intent.after is None else list(differences(situation.rendered, intent.after))
    found = next((change for change in changes if change.after is not ABSENT and secret_in(change, change.after)), None)
    if found is not None or (intent.added is not None and carries_secret(intent.added)):
        remedy = "Keep it in a Secret, and name that"
        raise CarriesSecret(
            "a credential would be written to Git", where=show(found.path) if found else "", remedy=remedy
        )


def secret_in(change: FieldChange, value: Any) -> bool:
    """Whether one of a field's values is a secret, by the name it goes under or by itself."""
    names = [step.value if isinstance(step, Item) else str(step) for step in change.path]
    name = names[-2] if len(names) > 1 and names[-1] == "value" else names[-1]
    return holds_secret(name, value) if isinstance(value, str) else carries_secret(value)


def summarise(situation: Situation, intent: Intent) -> str:
    """One sentence of what changes, for a commit's subject and a pull request's first line."""
    target = situation.action.target
    name = f"{target.kind} {target.namespace}/{target.name}" if target.namespace else f"{target.kind} {target.name}"
    if intent.added is not None:
        return f"Run Job {intent.added['metadata']['name']} once for {name}"
    if intent.after is None:
        return f"Delete {name}"
    changes = list(differences(situation.rendered, intent.after))
    first = next((change for change in changes if change.after is not ABSENT), changes[0])
    field, verb = show(first.path), "Remove" if first.after is ABSENT else "Set"
    more = f" and {len(changes) - 1} more" if len(changes) > 1 else ""
    return f"{verb} {field}{more} of {name}{_values(first, target.kind)}"


def _values(change: FieldChange, kind: str) -> str:
    before, after = _shown(change.before), _shown(change.after)
    if any(secret_in(change, value) for value in (change.before, change.after) if value is not ABSENT):
        return ""
    if kind == "Secret" or not after:
        return ""
    return f" from {before} to {after}" if before else f" to {after}"


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    plain = isinstance(value, (str, int, float)) and str(value).isprintable() and 0 < len(str(value)) <= 120
    return str(value) if plain else ""
