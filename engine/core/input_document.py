"""The input document: everything policy may see of one proposal at one instant, in one versioned schema.

Its shape is a security boundary. No free text enters it: what a proposer, a model or a log line says has no
field here, so no word of theirs can change a verdict. Numbers are whole, times are RFC 3339 in UTC, and a
value the gate couldn't derive is ``null`` or named in an ``unknown`` list, never left out: policy treats both
as a refusal. The JSON Schema that ``opa check`` uses and the list of required fields that the
``contract/complete`` rule reads are generated from these classes.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

SCHEMA_VERSION = "1"

Count = Annotated[int, Field(ge=0)]
Seconds = Annotated[int, Field(ge=0)]
Percent = Annotated[int, Field(ge=0, le=100)]
Param = str | int | bool | list[str] | dict[str, str]

Stage = Literal["propose", "merge", "admission"]
SwitchMode = Literal["normal", "advisory", "frozen"]
ProposerKind = Literal["person", "agent", "analyst", "drift", "pipeline"]
Environment = Literal["production", "staging", "development", "unknown"]
DryRunState = Literal["off", "not_needed", "passed", "refused", "untried"]
Criticality = Literal["critical", "standard", "unknown"]


class Section(BaseModel):
    """A part of the input document: closed, immutable, and without coercion."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, defer_build=True)


class LocalClock(Section):
    """The instant as a wall clock of one zone shows it."""

    date: str
    weekday: str
    minute: Annotated[int, Field(ge=0, le=1439)]


class Time(Section):
    """The instant of the decision and its local readings."""

    instant: str
    epoch: Count
    zones: dict[str, LocalClock]


class Proposer(Section):
    """Who proposes, as the gate authenticated them; ``teams`` come from policy data, not from the proposer."""

    id: str
    kind: ProposerKind
    authenticated: bool


class Target(Section):
    """The object the action is about; ``namespace`` is empty for what has none."""

    cluster: str
    namespace: str
    kind: str
    name: str


class Action(Section):
    """One typed proposed change. ``known`` says that the catalogue has this kind and the parameters fit it."""

    kind: str
    known: bool
    target: Target
    params: dict[str, Param]
    digest: str


class Incident(Section):
    """The incident the proposal answers. ``signal_kinds`` counts distinct (source, reason) pairs.

    ``untold`` counts alerts that a sender said it left out: what else is wrong isn't known then.

    ``concerns_target``: the target is one of its objects, or of what those depend on; ``null`` where that isn't known.
    """

    key: str
    incident_class: str
    novel: bool
    severity: Literal["info", "warning", "critical"]
    status: Literal["open", "mitigating", "verifying", "resolved"]
    occurrences: Count
    signal_kinds: Count
    untold: Count
    age_seconds: Seconds
    commander: bool
    concerns_target: bool | None


class Check(Section):
    """One preflight or stop condition of a runbook and what the gate found; ``null`` is not known."""

    id: str
    holds: bool | None


class Runbook(Section):
    """What the incident's canonical runbook says of this action.

    ``rejected_cooldown_seconds``: how long automation leaves alone what people rejected; ``null`` where it doesn't say.
    """

    id: str
    digest: str
    lists_action: bool
    do_not_touch: bool
    attempts: Count
    max_attempts: Count
    rejected_cooldown_seconds: Seconds | None
    preflight: list[Check]
    stop_conditions: list[Check]


class TargetFacts(Section):
    """What cluster and Git say of the target. ``owner`` is empty where nobody is named."""

    found: bool
    uid: str
    resource_version: str
    generation: Count | None
    environment: Environment
    criticality: Criticality
    owner: str
    stateful: bool
    managed_by_git: bool


class SourceFacts(Section):
    """Which file of the GitOps repository makes the target. ``not_needed`` where the action edits nothing."""

    status: Literal["found", "missing", "ambiguous", "not_needed"]
    path: str
    renderer: Literal["", "plain", "kustomize", "helm"]
    commit: str


class BlastFacts(Section):
    """Who feels the action. ``unknown`` names each figure that couldn't be derived; it then counts as large."""

    unknown: list[str]
    pods: Count
    pods_percent: Percent
    workloads: Count
    namespaces: Count
    dependents: Count
    critical_dependents: Count
    disruption_budget: Literal["none", "respected", "violated", "unknown"]
    autoscaler: Literal["none", "unaffected", "conflict", "unknown"]


class ReversibilityFacts(Section):
    """Whether the change can be undone by its inverse in Git, and what would be lost for good."""

    reversible: bool
    inverse: bool
    data_loss: bool
    basis: str


class RecentFacts(Section):
    """Changes to the target shortly before. ``known`` is false where history couldn't be read."""

    known: bool
    changes: Count
    last_age_seconds: Seconds | None
    deploy_in_progress: bool


class OpenFacts(Section):
    """What is already under way on this target or in this repository.

    ``opened_lately`` counts pull requests that the gate opened or updated within the window of the rates.
    """

    incidents_on_target: Count
    proposals_on_target: Count
    pull_requests: Count
    opened_lately: Count
    same_action_age_seconds: Seconds | None
    rejected_age_seconds: Seconds | None


class ScaleFacts(Section):
    """Replica counts before and after an action that scales; both ``null`` for any other."""

    before: Count | None
    after: Count | None


class ImageFacts(Section):
    """The image an action would run. Empty and zero for an action that changes none; ``null`` was not scanned."""

    changes: bool
    registry: str
    known_before: bool
    critical_vulnerabilities: Count | None


class ConfigurationFacts(Section):
    """Items (``ConfigMap/name``) that the pods of a changed object read, by what the protected branch says of each.

    ``pending``: one that isn't approved yet; ``unmarked``: one that carries no approval status, or that Git doesn't
    make. ``known`` is false where what the pods read, or what Git says of an item, can't be told.
    """

    known: bool
    pending: list[str]
    unmarked: list[str]


class BudgetFacts(Section):
    """One allowance at this instant. ``used`` counts reserved and committed amounts within the window."""

    scope: str
    window_seconds: Seconds
    used: Count
    requested: Count


class Budgets(Section):
    """The allowances a proposal draws on, read in the transaction that will reserve them."""

    automatic_fixes: BudgetFacts
    pods: BudgetFacts


class AutonomyFacts(Section):
    """How automation fared in this namespace with this class of incident, by the gate's own record.

    ``demotion`` is the id of the last demotion, empty where there was none. ``judged`` and ``agreement_percent`` (the
    lower end of its interval, rounded down) are only counted for an action that asks for more autonomy; 0 otherwise.
    """

    demotion: str
    judged: Count
    agreement_percent: Percent


class Facts(Section):
    """What the gate itself derived; nothing here is taken from the proposer."""

    target: TargetFacts
    source: SourceFacts
    blast: BlastFacts
    reversibility: ReversibilityFacts
    recent: RecentFacts
    open: OpenFacts
    scale: ScaleFacts
    image: ImageFacts
    configuration: ConfigurationFacts
    budgets: Budgets
    autonomy: AutonomyFacts


class Evidence(Section):
    """How well the proposal is founded: evidence ids cited that exist, that don't, and distinct sources behind them."""

    cited: Count
    missing: Count
    sources: Count


class Change(Section):
    """The edits that would be opened. ``verified``: re-read and rendered, they give exactly the intended object.

    ``dry_run``: what the API server says of that object, or of deleting it; ``off`` where nobody set up asking it,
    ``not_needed`` where nothing would be applied or deleted, ``untried`` where it couldn't be asked.
    """

    built: bool
    verified: bool
    needed: bool
    refusal: str
    digest: str
    files: Count
    lines: Count
    outside_tree: bool
    dry_run: DryRunState


class Container(Section):
    """One container of a manifest. ``null`` is a setting that the manifest leaves open.

    ``limits`` names the resources that are limited; ``capabilities`` are those added to the runtime's own.
    """

    name: str
    image: str
    init: bool
    privileged: bool | None
    escalates: bool | None
    non_root: bool | None
    read_only: bool | None
    capabilities: list[str]
    host_ports: list[Count]
    limits: list[str]


class Manifest(Section):
    """What a rule may look at of an object as Git renders it: bounded, and no value that somebody could hide in.

    ``complete`` is false where a part of it couldn't be read as its kind has it, or was more than is shown.
    """

    kind: str
    name: str
    complete: bool
    host_network: bool
    host_pid: bool
    host_ipc: bool
    host_paths: list[str]
    service_account: str
    containers: list[Container]


class Manifests(Section):
    """The target before the change and after it; ``null`` where there is none, or no object of Kubernetes."""

    before: Manifest | None
    after: Manifest | None


class Finding(Section):
    """What a scanner, a schema or a dry run says of the change; ``line`` is ``null`` where it is about no file."""

    source: str
    check: str
    severity: Literal["info", "warning", "error", "critical"]
    is_new: bool
    line: Count | None


class Approval(Section):
    """One review as the forge reports it, held by the gate against what was shown when it was given.

    ``author``: the reviewer opened the pull request or proposed it. ``wrote``: a commit of the branch names them as
    author, committer or co-author; ``null`` where it names somebody whom nobody knows. ``teams`` are the forge's own.
    ``rules`` asked or raised in what was shown; they and ``policy_revision`` are empty where nothing was.
    """

    approver: str
    kind: Literal["person", "agent", "bot"]
    state: Literal["approved", "rejected", "commented", "dismissed"]
    author: bool
    wrote: bool | None
    edited: bool
    head_matches: bool
    base_matches: bool
    action_matches: bool
    change_matches: bool
    rules: list[str]
    teams: list[str]
    policy_revision: str
    age_seconds: Seconds


class Receipt(Section):
    """At merge and admission: does what is about to happen equal what was decided?"""

    head_matches: bool
    base_matches: bool
    action_matches: bool
    change_matches: bool
    target_matches: bool
    expired: bool


class Switch(Section):
    """The persisted kill switch."""

    mode: SwitchMode


class InputDocument(Section):
    """The only thing policy sees."""

    schema_version: str
    stage: Stage
    time: Time
    switch: Switch
    proposer: Proposer
    action: Action
    incident: Incident | None
    runbook: Runbook | None
    facts: Facts
    evidence: Evidence
    change: Change
    manifests: Manifests
    findings: list[Finding]
    approvals: list[Approval]
    receipt: Receipt | None
