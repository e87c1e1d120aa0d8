"""Errors as nouns of the situation, each with the sentence its reader needs.

Three families decide what a command exits with: bad input is the caller's to mend (2), a refusal is a
decision (1), and a gate that could not decide says so (4) instead of guessing.
"""

from __future__ import annotations

from typing import ClassVar


class PenstockError(Exception):
    """Anything the gate says no to outside a decision.

    ``reason`` is a stable machine code, ``where`` names a file, line or field, ``remedy`` says what to do next.
    """

    reason: ClassVar[str] = "error"
    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, where: str = "", remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.remedy = remedy

    def __str__(self) -> str:
        head = f"{self.where}: {self.message}" if self.where else self.message
        return f"{head}. {self.remedy}" if self.remedy else head


class BadInput(PenstockError):
    """A proposal, runbook, data file, recording or repository that can't be read as what it claims to be."""

    reason = "bad_input"
    exit_code = 2


class CouldNotDecide(PenstockError):
    """No decision was reached; the proposal stays refused."""

    reason = "could_not_decide"
    exit_code = 4


class EvaluatorUnavailable(CouldNotDecide):
    """The evaluator is missing, was killed or doesn't answer."""

    reason = "evaluator_unavailable"


class EvaluatorTimeout(CouldNotDecide):
    """The evaluator's answer didn't come within its budget."""

    reason = "evaluator_timeout"


class GarbledDecision(CouldNotDecide):
    """The evaluator answered with something that is not a decision, an undefined one included."""

    reason = "garbled_decision"


class EvaluatorsDisagree(CouldNotDecide):
    """Referee mode: two evaluators gave different answers to one input."""

    reason = "evaluators_disagree"


class UnfitBundle(CouldNotDecide):
    """The policy bundle is absent, stale, tampered with or holds no rules."""

    reason = "unfit_bundle"


class UnsignedBundle(UnfitBundle):
    """A policy bundle carries no signature by a key that is set."""

    reason = "unsigned_bundle"


class TamperedBundle(UnfitBundle):
    """A policy bundle isn't what was signed."""

    reason = "tampered_bundle"


class OlderBundle(UnfitBundle):
    """A policy bundle is older than one that was accepted before."""

    reason = "older_bundle"


class MisrootedBundle(UnfitBundle):
    """A policy bundle claims other roots than this gate's policy has."""

    reason = "misrooted_bundle"


class LedgerUnavailable(CouldNotDecide):
    """State can't be read or written, so neither budget nor switch is known.

    ``kept`` says that the refusal which followed from it was put aside for the record.
    """

    reason = "ledger_unavailable"
    kept: bool = False


class NestedUnit(CouldNotDecide):
    """A unit of work asked the ledger for another one, which would wait for the first forever."""

    reason = "nested_unit"


class AlreadyReserved(PenstockError):
    """This decision already holds an amount of this budget."""

    reason = "already_reserved"


class TooManyQuestions(PenstockError):
    """One identity asked more in an hour than is answered."""

    reason = "too_many_questions"


class EvidenceUnavailable(PenstockError):
    """A source of evidence isn't set up, or doesn't answer as it should."""

    reason = "evidence_unavailable"


class TooManyProposals(PenstockError):
    """One identity proposed more in an hour than it may."""

    reason = "too_many_proposals"


class ChangeRefused(PenstockError):
    """The edit an action asks for can't be made safely; nothing was written."""

    reason = "change_refused"


class SourceNotFound(ChangeRefused):
    """No file in the repository makes the target."""

    reason = "source_not_found"


class SourceAmbiguous(ChangeRefused):
    """More than one file makes the target, or the field is set in more than one place."""

    reason = "source_ambiguous"


class FieldNotFound(ChangeRefused):
    """The target's source is known, but nothing in it sets this field in a way that can be edited."""

    reason = "field_not_found"


class StalePlan(ChangeRefused):
    """A Terraform plan was made against a state that isn't the current one any more."""

    reason = "stale_plan"


class ScanFailed(ChangeRefused):
    """What the change makes couldn't be scanned, so nobody knows what it brings in."""

    reason = "scan_failed"


class ScanTimeout(ScanFailed):
    """The scanner didn't answer within its time."""

    reason = "scan_timeout"


class ScannerMissing(ScanFailed):
    """Scanning is switched on, and the scanner isn't installed."""

    reason = "scanner_missing"


class CarriesSecret(ChangeRefused):
    """The edit would write a credential to Git."""

    reason = "carries_secret"


class UnintendedEdit(ChangeRefused):
    """The edited files, re-read and rendered, don't give exactly the intended object."""

    reason = "unintended_edit"


class NothingToChange(ChangeRefused):
    """Git already holds what the action asks for."""

    reason = "nothing_to_change"


class UnsafeSource(ChangeRefused):
    """The source reaches outside the repository or its allowed tree: a remote base, a plugin, an escaping path."""

    reason = "unsafe_source"


class OutsideTree(ChangeRefused):
    """The edit would touch a file that the gate isn't allowed to touch."""

    reason = "outside_tree"


class RenderFailed(ChangeRefused):
    """The renderer made nothing of the source, or more than it may."""

    reason = "render_failed"


class UnsafePath(ChangeRefused):
    """A path that leaves the repository, reaches into Git's own files, or goes through a symlink or submodule."""

    reason = "unsafe_path"


class ToolUnavailable(PenstockError):
    """A renderer or evaluator binary could neither be found nor obtained."""

    reason = "tool_unavailable"
    exit_code = 4


class ForgeRefused(PenstockError):
    """The forge, or the state of a pull request on it, doesn't permit this step."""

    reason = "forge_refused"


class StaleReceipt(ForgeRefused):
    """What would merge is no longer what was decided."""

    reason = "stale_receipt"


class LostRace(ForgeRefused):
    """Somebody else moved the branch or took the number first; nothing was overwritten."""

    reason = "lost_race"


class RepositoryBusy(ForgeRefused):
    """Another process holds the repository's lock and doesn't let go."""

    reason = "repository_busy"


class MergeConflict(ForgeRefused):
    """The base has changed since in what the pull request changes."""

    reason = "merge_conflict"


class MergesLater(ForgeRefused):
    """The forge has taken the merge over: it merges this very head once what else it requires has passed."""

    reason = "merges_later"


class ForgeTrouble(PenstockError):
    """The forge doesn't do what it is asked, for a reason that isn't the pull request's.

    What stands stays as it is and is tried again later: nothing is let go, and nothing is merged.
    """

    reason = "forge_trouble"
    exit_code = 4


class ForgeUnreachable(ForgeTrouble):
    """The forge doesn't answer, answers with an error of its own, or with something that isn't understood."""

    reason = "forge_unreachable"


class RevokedToken(ForgeTrouble):
    """The forge doesn't know the gate's credential, or no longer."""

    reason = "revoked_token"


class MissingPermission(ForgeTrouble):
    """The forge knows the gate and doesn't let it do this."""

    reason = "missing_permission"


class RepositoryGone(ForgeTrouble):
    """The forge shows the gate no such repository: deleted, renamed, or no longer shared with it."""

    reason = "repository_gone"


class RateLimited(ForgeTrouble):
    """The forge asks to be left alone until ``retry_at``, RFC 3339 in UTC; empty when it didn't say."""

    reason = "rate_limited"

    def __init__(self, message: str, *, where: str = "", remedy: str = "", retry_at: str = "") -> None:
        super().__init__(message, where=where, remedy=remedy)
        self.retry_at = retry_at


class NotFound(PenstockError):
    """No incident, proposal or record has this id."""

    reason = "not_found"


class KindUnreadable(NotFound):
    """The cluster has no such kind, or doesn't let the gate read it; that isn't "there is none"."""

    reason = "kind_unreadable"


class ClusterUnreachable(NotFound):
    """The API server doesn't answer, or with something that isn't understood; nothing of the cluster is known now."""

    reason = "cluster_unreachable"
    exit_code = 4


class VersionGone(NotFound):
    """The API server doesn't keep the version of the cluster that was asked for any more."""

    reason = "version_gone"


class DryRunRefused(PenstockError):
    """The API server would not take an object: a quota, a schema or an admission policy of the cluster says no."""

    reason = "dry_run_refused"


class DryRunUntried(PenstockError):
    """It isn't known whether the API server would take an object, because it couldn't be asked."""

    reason = "dry_run_untried"


class NotPermitted(PenstockError):
    """The identity may not do this."""

    reason = "not_permitted"


class TamperedRecord(PenstockError):
    """The record's chain doesn't hold."""

    reason = "tampered_record"


class IllegalTransition(PenstockError):
    """An incident can't take this step from where it stands."""

    reason = "illegal_transition"


class AnalysisRefused(PenstockError):
    """An analysis says something that nothing supports; none of it is shown."""

    reason = "analysis_refused"


class ModelUnusable(AnalysisRefused):
    """A model didn't answer in time, in full, in shape or at all; the signatures' analysis stands."""

    reason = "model_unusable"


class InventedEvidence(AnalysisRefused):
    """An analysis cites evidence that was never observed, or claims something without citing any."""

    reason = "invented_evidence"


class InventedAction(AnalysisRefused):
    """An analysis recommends an action that the incident's runbook doesn't list, or parameters it doesn't give."""

    reason = "invented_action"


class InventedTarget(AnalysisRefused):
    """An analysis recommends an action on an object that the incident doesn't involve."""

    reason = "invented_target"


class Unauthenticated(PenstockError):
    """Nobody is proven to be calling."""

    reason = "unauthenticated"


class NotDelivered(PenstockError):
    """A channel didn't take a message.

    ``for_good`` says that trying again can't help, ``wait_seconds`` what the channel asked to be left alone for.
    """

    reason = "not_delivered"

    def __init__(self, message: str, *, where: str, for_good: bool = False, wait_seconds: int = 0) -> None:
        super().__init__(message, where=where)
        self.for_good = for_good
        self.wait_seconds = wait_seconds
