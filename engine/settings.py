"""The only reader of the environment.

Every setting is one ``PENSTOCK_…`` variable. A misspelt one is an error, because a gate that quietly ignores
``PENSTOCK_POLICYY`` is a gate with another policy than its operator thinks.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from engine.core.errors import BadInput

PREFIX = "PENSTOCK_"
IN_REPO = "repo:"

Evaluator = Literal["embedded", "server", "referee"]
LogForm = Literal["text", "json"]
ForgeKind = Literal["local", "gitea", "github"]

GITHUB_API = "https://api.github.com"
SECRETS: tuple[str, ...] = ("forge_token", "model_key", "token", "webhook_secret")
SECRETS += ("notify_secret", "pagerduty_key", "slack_signing_secret", "slack_token", "slack_url", "evidence_token")
SECRETS += ("ledger",)
CHANNELS = ("slack_url", "pagerduty_url", "notify_url", "console_url", "traces_url")

_CHOICES: Mapping[str, tuple[str, ...]] = {
    "evaluator": ("embedded", "server", "referee"),
    "forge": ("local", "gitea", "github"),
    "log": ("text", "json"),
}
_PATHS: tuple[str, ...] = ("state", "cache", "policies", "runbooks", "data", "repo", "snapshot", "tokens")
_PATHS += ("policy_key", "github_key", "deploy_key", *(f"{name}_file" for name in SECRETS))
_PATHS += ("admission_cert", "admission_key")
_NUMBERS = {"port": 65_535, "admission_port": 65_535}
_NUMBERS |= {"poll_seconds": 3600, "sync_seconds": 86_400, "drift_seconds": 86_400, "keep_days": 3650}
_NUMBERS |= {"model_seconds": 300, "model_tokens": 999_999, "model_steps": 20}
_SWITCHES = ("gate_all_pull_requests", "scan_changes", "shadow", "token_review", "analyse")
_FLAGS = {"true": True, "false": False}
_REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}/[A-Za-z0-9_.-]{1,100}")
_PRIVATE = "Give an https address without user name and password; http is for this machine alone"
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


def _user_folder(environment: Mapping[str, str], variable: str, fallback: str) -> Path:
    base = environment.get(variable)
    return (Path(base) if base else Path.home() / fallback) / "penstock"


@dataclass(frozen=True, slots=True)
class Settings:
    """What a person may set, with its defaults. Each field is described in ``docs/settings.md``."""

    state: Path
    cache: Path
    policies: Path | None = None
    policy_key: Path | None = None
    runbooks: Path | None = None
    runbooks_place: str = ""
    data: Path | None = None
    repo: Path | None = None
    branch: str = "main"
    repository_urls: str = ""
    snapshot: Path | None = None
    kubeconfig: str = ""
    dry_run_kubeconfig: str = ""
    dry_run_context: str = ""
    drift_seconds: int = 0
    cluster: str = "prod-eu"
    evaluator: Evaluator = "embedded"
    opa_url: str = "http://127.0.0.1:8181"
    ledger: str = field(default="", repr=False)
    ledger_file: Path | None = None
    identity: str = ""
    tokens: Path | None = None
    token_review: bool = False
    token: str = field(default="", repr=False)
    token_file: Path | None = None
    host: str = "127.0.0.1"
    port: int = 8787
    admission_cert: Path | None = None
    admission_key: Path | None = None
    admission_port: int = 9443
    opa: str = ""
    kustomize: str = ""
    helm: str = ""
    gitea: str = ""
    forge: ForgeKind = "local"
    forge_url: str = ""
    forge_repository: str = ""
    forge_token: str = field(default="", repr=False)
    forge_token_file: Path | None = None
    github_app: str = ""
    github_key: Path | None = None
    deploy_key: Path | None = None
    webhook_secret: str = field(default="", repr=False)
    webhook_secret_file: Path | None = None
    gate_all_pull_requests: bool = False
    scan_changes: bool = False
    shadow: bool = False
    slack_url: str = field(default="", repr=False)
    slack_url_file: Path | None = None
    slack_token: str = field(default="", repr=False)
    slack_token_file: Path | None = None
    slack_channel: str = ""
    slack_signing_secret: str = field(default="", repr=False)
    slack_signing_secret_file: Path | None = None
    pagerduty_key: str = field(default="", repr=False)
    pagerduty_key_file: Path | None = None
    pagerduty_url: str = ""
    notify_url: str = ""
    notify_secret: str = field(default="", repr=False)
    notify_secret_file: Path | None = None
    console_url: str = ""
    poll_seconds: int = 30
    sync_seconds: int = 900
    keep_days: int = 30
    model_url: str = ""
    model: str = ""
    model_key: str = field(default="", repr=False)
    model_key_file: Path | None = None
    model_seconds: int = 30
    model_tokens: int = 40_000
    model_steps: int = 6
    analyse: bool = False
    prometheus_url: str = ""
    loki_url: str = ""
    tempo_url: str = ""
    traces_url: str = ""
    log: LogForm = "text"
    evidence_token: str = field(default="", repr=False)
    evidence_token_file: Path | None = None

    @property
    def has_repository(self) -> bool:
        """Whether a GitOps repository is set: a folder, or one on a forge."""
        return self.repo is not None or self.forge != "local"

    @property
    def git_address(self) -> str:
        """Where Git finds the forge's repository: beside its API, whose path ends in ``/api/v…``."""
        site = re.sub(r"/api/v\d+/*$", "", self.forge_url.rstrip("/"))
        site = "https://github.com" if site == GITHUB_API else site
        return f"{site}/{self.forge_repository}.git"

    @property
    def policy_on_branch(self) -> dict[str, str]:
        """Which of ``policies`` and ``data`` are in the GitOps repository, and where there: written ``repo:path``."""
        places = {"policies": str(self.policies or ""), "data": str(self.data or "")}
        return {name: place[len(IN_REPO) :] for name, place in places.items() if place.startswith(IN_REPO)}

    @property
    def runbooks_on_branch(self) -> str:
        """Where in the GitOps repository the runbooks are that are followed; empty where they lie in a folder."""
        place = str(self.runbooks or "")
        return place[len(IN_REPO) :].strip("/") if place.startswith(IN_REPO) else ""

    @property
    def ssh_address(self) -> str:
        """The same for a deploy key, which speaks SSH alone."""
        address = urlsplit(self.git_address)
        return f"ssh://git@{address.hostname}{address.path}"

    @property
    def mirror(self) -> Path:
        """Where the forge's repository is mirrored: a cache that may be deleted while nothing runs."""
        host = re.sub(r"[^A-Za-z0-9.-]", "-", urlsplit(self.forge_url).netloc)
        return self.state / "mirrors" / host / f"{self.forge_repository}.git"

    @property
    def webhook_secrets(self) -> tuple[str, ...]:
        """Every secret that a webhook may be signed with: one a line, so that one can follow another."""
        return tuple(line.strip() for line in self.webhook_secret.splitlines() if line.strip())

    @property
    def pull_requests(self) -> str:
        """What a pull request's number is put behind to see it; empty where people can't."""
        if self.forge == "local":
            return ""
        if self.forge_url == GITHUB_API:
            return f"https://github.com/{self.forge_repository}/pull/"
        site, folder = re.sub(r"/api/v[0-9]+/?$", "", self.forge_url), "pull" if self.forge == "github" else "pulls"
        return f"{site}/{self.forge_repository}/{folder}/"

    @property
    def ledger_url(self) -> str:
        """Where state and record live; SQLite in the state folder unless set."""
        return self.ledger or f"sqlite:///{self.state / 'penstock.db'}"

    @property
    def tokens_file(self) -> Path:
        """The identities of the HTTP surface."""
        return self.tokens or self.state / "tokens.json"


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Settings from the environment; raises :class:`BadInput` naming a variable that is unknown or doesn't fit."""
    env = dict(os.environ if environment is None else environment)
    given = {key[len(PREFIX) :].lower(): value for key, value in env.items() if key.startswith(PREFIX) and value}
    known = {field.name for field in fields(Settings)}
    for name in sorted(set(given) - known):
        raise BadInput(
            "is not a setting", where=PREFIX + name.upper(), remedy="docs/settings.md lists them; check the spelling"
        )
    values: dict[str, object] = {name: _typed(name, value) for name, value in given.items()}
    values.setdefault("state", _user_folder(env, "XDG_STATE_HOME", ".local/state"))
    values.setdefault("cache", _user_folder(env, "XDG_CACHE_HOME", ".cache"))
    for name in SECRETS:
        if f"{name}_file" in values:
            values[name] = _secret(name, values)
    if values.get("forge") == "github":
        values.setdefault("forge_url", GITHUB_API)
    settings = Settings(**values)  # type: ignore[arg-type]
    _require_forge(settings)
    _require_channels(settings)
    _require_policy(settings)
    _require_dry_run(settings)
    _require_admission(settings)
    _require_model(settings)
    if settings.token_review and not settings.kubeconfig:
        raise BadInput("no cluster to ask", where=PREFIX + "TOKEN_REVIEW", remedy="Set PENSTOCK_KUBECONFIG")
    return settings


def _typed(name: str, value: str) -> object:
    where = PREFIX + name.upper()
    if name in _NUMBERS:
        most = _NUMBERS[name]
        if not (value.isascii() and value.isdigit()) or len(value) > 6 or not 0 < int(value) <= most:
            raise BadInput(f"{value!r} doesn't fit", where=where, remedy=f"Give a number from 1 to {most}")
        return int(value)
    choices = _CHOICES.get(name, ())
    if choices and value not in choices:
        raise BadInput(f"{value!r} is not one of them", where=where, remedy=f"Use one of {', '.join(choices)}")
    if name in _SWITCHES:
        if value not in _FLAGS:
            raise BadInput(f"{value!r} is neither true nor false", where=where, remedy="Use true or false")
        return _FLAGS[value]
    return Path(value) if name in _PATHS else value


def _secret(name: str, values: Mapping[str, object]) -> str:
    """What the file of a secret holds. Raises :class:`BadInput` when it can't be read, or is named twice."""
    where = f"{PREFIX}{name.upper()}_FILE"
    if values.get(name):
        raise BadInput("is set beside the secret itself", where=where, remedy="Set one of the two")
    try:
        text = Path(str(values[f"{name}_file"])).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it isn't text"
        raise BadInput(f"can't be read: {reason}", where=where, remedy="Name a file this user may read") from None
    if not text:
        raise BadInput("the file is empty", where=where, remedy="Put the secret into it")
    return text


def _require_forge(settings: Settings) -> None:
    """A forge that is set is set whole; what would carry the credential in the clear is refused."""
    if settings.forge == "local":
        return
    if _REPOSITORY.fullmatch(settings.forge_repository) is None or ".." in settings.forge_repository:
        remedy = "Give it as owner/name"
        raise BadInput("no repository on the forge", where=PREFIX + "FORGE_REPOSITORY", remedy=remedy)
    if not _private(settings.forge_url) or urlsplit(settings.forge_url).query:
        raise BadInput("not the address of a forge's API", where=PREFIX + "FORGE_URL", remedy=_PRIVATE)
    if settings.repo is not None:
        raise BadInput("is set beside a forge, which has its own", where=PREFIX + "REPO", remedy="Unset one of them")
    if not settings.forge_token and not (settings.forge == "github" and settings.github_app and settings.github_key):
        remedy = "Set PENSTOCK_FORGE_TOKEN_FILE, or PENSTOCK_GITHUB_APP and PENSTOCK_GITHUB_KEY"
        raise BadInput("nothing to prove who the gate is", where=PREFIX + "FORGE_TOKEN", remedy=remedy)


def _private(url: str) -> bool:
    """Whether what is sent to an address can be read by its owner alone, and the address is no more than one."""
    try:
        address = urlsplit(url)
    except ValueError:
        return False
    secure = address.scheme == "https" or (address.scheme == "http" and address.hostname in _LOOPBACK)
    return secure and bool(address.hostname) and not (address.username or address.password or address.fragment)


def _require_dry_run(settings: Settings) -> None:
    """A context is one of a file's."""
    if settings.dry_run_context and not settings.dry_run_kubeconfig:
        where, remedy = PREFIX + "DRY_RUN_KUBECONFIG", f"Set it beside {PREFIX}DRY_RUN_CONTEXT"
        raise BadInput("is missing", where=where, remedy=remedy)


def _require_model(settings: Settings) -> None:
    """A model that is asked is named together with where it answers, and is asked over nothing in the clear."""
    for name in ("prometheus_url", "loki_url", "tempo_url"):
        if getattr(settings, name) and not _private(getattr(settings, name)):
            raise BadInput("is no address to ask for evidence at", where=PREFIX + name.upper(), remedy=_PRIVATE)
    if settings.model_url and not _private(settings.model_url):
        raise BadInput("is no address to ask a model at", where=PREFIX + "MODEL_URL", remedy=_PRIVATE)
    if bool(settings.model_url) != bool(settings.model):
        missing = "MODEL" if settings.model_url else "MODEL_URL"
        raise BadInput("is missing", where=PREFIX + missing, remedy="Set PENSTOCK_MODEL_URL and PENSTOCK_MODEL")


def _require_policy(settings: Settings) -> None:
    """Where in the repository policy is has to be said, and what isn't signed stands beside no signed bundle."""
    if settings.policy_key is not None:
        _require_signed(settings)
    places = dict(settings.policy_on_branch)
    if str(settings.runbooks or "").startswith(IN_REPO):
        places["runbooks"] = settings.runbooks_on_branch
    for name, place in places.items():
        if not place.strip("/"):
            remedy = "Name a folder of the GitOps repository, like repo:policies"
            raise BadInput("names no place in the repository", where=PREFIX + name.upper(), remedy=remedy)


def _require_signed(settings: Settings) -> None:
    """A key that bundles are verified by goes with a bundle, and with no data that isn't in it."""
    if settings.policies is None or settings.policy_on_branch:
        remedy = "Name the bundle that penstock policy sign wrote"
        raise BadInput("a key is set and no signed bundle", where=PREFIX + "POLICIES", remedy=remedy)
    if settings.data is not None:
        remedy = "Build it into the bundle: penstock policy sign --data"
        raise BadInput("an overlay isn't signed", where=PREFIX + "DATA", remedy=remedy)


def _require_admission(settings: Settings) -> None:
    """A certificate is nothing without its key."""
    for name, other in (("admission_cert", "admission_key"), ("admission_key", "admission_cert")):
        if getattr(settings, name) and not getattr(settings, other):
            where, remedy = PREFIX + other.upper(), f"Set it beside {PREFIX}{name.upper()}"
            raise BadInput("is missing", where=where, remedy=remedy)


def _require_channels(settings: Settings) -> None:
    """A channel that is set is set whole, and nothing is sent in the clear."""
    for name in CHANNELS:
        if getattr(settings, name) and not _private(getattr(settings, name)):
            raise BadInput("is no address to send to", where=PREFIX + name.upper(), remedy=_PRIVATE)
    if settings.pagerduty_url.startswith("http:"):
        raise BadInput("isn't https", where=PREFIX + "PAGERDUTY_URL", remedy="Give the https address")
    if settings.slack_url and settings.slack_token:
        raise BadInput("is set beside PENSTOCK_SLACK_TOKEN", where=PREFIX + "SLACK_URL", remedy="Set one of the two")
    for name, needs in (("slack_token", "slack_channel"), ("notify_url", "notify_secret")):
        if getattr(settings, name) and not getattr(settings, needs):
            where, remedy = PREFIX + needs.upper(), f"Set it beside {PREFIX}{name.upper()}"
            raise BadInput("is missing", where=where, remedy=remedy)


def tool_environment() -> dict[str, str]:
    """The environment as a tool's search and build need it: PATH, proxies, caches and ``PENSTOCK_<TOOL>``."""
    return dict(os.environ)
