"""Words move nothing: hostile text wherever a recorded incident has room for it changes no question, answer or query.

Nor does any of it become more than words in a pull request, in Slack or on a page of the console.

The ways words are tried: `make test` puts three families, in turn, into all free fields of each recorded example at
once. `pytest -m exhaustive` puts every family into all of them at once, and all families together into each field of
each example alone, and prints how often. The gate sees each with the real policy, and is asked about each option.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path as File
from typing import Any

import pytest
from markdown_it import MarkdownIt

from engine.adapters.kubernetes.snapshot import SnapshotCluster
from engine.adapters.llm.signatures import SignatureAnalyst
from engine.adapters.notify.addresses import Addresses
from engine.adapters.notify.slack import SlackNotifier
from engine.adapters.runbooks.examples import load_examples
from engine.adapters.runbooks.folder import load_runbooks
from engine.adapters.signals.registry import read_signals
from engine.core.brief import make_brief
from engine.core.classification import RunbookIndex
from engine.core.decision import Verdict
from engine.core.errors import NotFound
from engine.core.evidence import evidence_of
from engine.core.grouping import group
from engine.core.incident import Incident, analysed
from engine.core.lifecycle import ProposalState
from engine.core.message import of_decision
from engine.core.options import accept_analysis
from engine.core.proposal import check_proposal
from engine.core.pull_request_check import check_of
from engine.core.pull_request_text import body
from engine.core.query_values import rendered_queries
from engine.core.signal import Signal
from engine.core.sticky_comment import comment_of
from engine.ports import PolicyEngine, Ports
from engine.usecases.propose import Asked, rehearse
from tests.fakes.ledger import MemoryLedger
from tests.integration.gate.console_pages import acting, incident_pages, proposal_page
from tests.integration.gate.hostile_words import FAMILIES, differing, field, places, spread

INDEX = RunbookIndex(load_runbooks(File("runbooks")))
EXAMPLES = load_examples(File("runbooks"))
MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])
LINKS = re.compile(r"#\d|\bGH-\d|https?:")  # what a forge makes links of, but not in code
CALLS = re.compile(r"@\w|^/\w|<!-- penstock-(?!decision: )|^[\w-]+-by:", re.MULTILINE)
CLOSES = re.compile(r"(?i)\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?)\b[\s:]{1,5}\S*[#/]")
ALL = "alone"
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200b\u202a-\u202e\u2066-\u2069\U000e0000-\U000e007f]")


class Recorded:
    """A cluster that is what one payload says it is."""

    name = "prod-eu"

    def __init__(self, payload: Any) -> None:
        self._items = payload.get("items", []) if isinstance(payload, dict) else []

    def get(self, kind: str, namespace: str, name: str) -> dict[str, Any] | None:
        named = (o for o in self.all(kind, namespace) if o["metadata"]["name"] == name)
        return next(named, None)

    def all(self, kind: str, namespace: str | None = None) -> Sequence[dict[str, Any]]:
        found = [o for o in self._items if o.get("kind") == kind and "name" in o.get("metadata", {})]
        if not found:
            raise NotFound("none recorded", where=kind)
        return [o for o in found if namespace in (None, o["metadata"].get("namespace", ""))]


class Remembering:
    """The real policy, asked the very same question only once: it is a pure function of it."""

    def __init__(self, policy: PolicyEngine) -> None:
        self._policy, self._answers = policy, dict[bytes, Verdict]()
        self.identity, self.data = policy.identity, policy.data

    def decide(self, document: bytes) -> Verdict:
        if document not in self._answers:
            self._answers[document] = self._policy.decide(document)
        return self._answers[document]


@dataclass(frozen=True)
class Told:
    """What was asked and answered of one payload, and everything that people are shown of it."""

    moving: str
    outcomes: tuple[str, ...]
    markdown: tuple[str, ...]
    slack: tuple[dict[str, Any], ...]
    console: tuple[str, ...]


def told(ports: Callable[[Any], Ports], payload: Any, signals: list[Signal], now: str) -> Told:
    """The incidents of a payload with their options and queries, each option proposed as an agent would."""
    at_hand, moving, outcomes, markdown, slack, console = ports(payload), [], [], [], [], []
    for incident in group(signals, INDEX):
        book = INDEX.get(incident.incident_class)
        brief = make_brief(incident, book, changes=[], view=None, at=now)
        analysis = accept_analysis(SignatureAnalyst().analyse(brief.as_document()), brief)
        known = analysed(incident, analysis.model_dump(mode="json"), at=now)
        asks = {name: text for name, (_, text) in rendered_queries(brief).items()}
        states = []
        moving.append([incident.key, incident.incident_class, incident.severity, brief.flags, brief.values, asks])
        for option in analysis.options:
            moving.append([option.label, option.role, option.title])
            if option.action is None:
                continue
            asked = proposed(at_hand, known, option.action.model_dump(mode="json"), signals, now)
            moving += [asked.document.model_dump(mode="json"), asked.decision.outcome, asked.decision.tier]
            outcomes.append(asked.decision.outcome)
            texts, message = shown(asked, known)
            markdown += texts
            slack.append(message)
            states.append(state_of(asked, known))
        console += [*incident_pages(known, states, book), *(proposal_page(state) for state in states)]
    said = tuple(tuple(part) for part in (outcomes, markdown, slack, console))
    return Told(json.dumps(moving, sort_keys=True), *said)


def proposed(ports: Ports, incident: Incident, action: Any, signals: list[Signal], now: str) -> Asked:
    """What the gate answers an agent that cites one piece of each kind, and repeats the loudest of them."""
    pieces = evidence_of(incident)
    cited = {(piece.source, piece.kind): piece.id for piece in pieces}
    root = incident.root
    document = {
        "proposer": {"id": "agent:triage", "kind": "agent"},
        "action": action,
        "incident": {"namespace": root.namespace, "kind": root.kind, "name": root.name, "reason": incident.reason},
        "reason": max((piece.text for piece in pieces), key=len)[:3000],
        "evidence": list(cited.values()),
    }
    proposal = check_proposal(document, where="test")
    return rehearse(ports, proposal, authenticated=True, now=now, signals=signals)


def shown(asked: Asked, incident: Incident) -> tuple[list[str], dict[str, Any]]:
    """The pull request, its comment and check in Markdown, and the message in Slack's blocks."""
    decision, state = asked.decision, state_of(asked, incident)
    message = of_decision(state, "refused", decision, at=asked.question.now)
    texts = [
        body(state, decision, asked.document.facts, incident),
        comment_of(state),
        check_of(decision, head="h").text,
    ]
    return texts, SlackNotifier(Addresses("", ""))._document(message)


def state_of(asked: Asked, incident: Incident) -> ProposalState:
    decision = asked.decision
    return ProposalState(
        id="prop-000000000000", status="recorded", proposal=asked.question.proposal.as_document(), authenticated=True,
        action_digest=decision.action_digest, incident_key=incident.key, created_at=asked.question.now,
        decision=decision.model_dump(mode="json"), change=None,
    )  # fmt: skip


@lru_cache(maxsize=512)
def skeleton(markdown: str) -> list[str]:
    """What Markdown makes of a text besides words, and what a forge or a bot would act upon."""
    tokens = [one for token in MARKDOWN.parse(markdown) for one in [token, *(token.children or ())]]
    marks = [sign.group() for rule in (CALLS, CLOSES, CONTROL) for sign in rule.finditer(markdown)]
    marks += [sign for token in tokens if token.type == "text" for sign in LINKS.findall(token.content)]
    return [token.type for token in tokens if token.type not in ("text", "softbreak")] + marks


def blocks(document: dict[str, Any]) -> list[str]:
    """What Slack makes of a message besides words."""
    kinds = re.findall(r'"type":\s*"(\w+)"', json.dumps(document["blocks"]))
    return kinds + re.findall(r"[<>]|https?:|@\w", document["text"]) + CONTROL.findall(document["text"])


@pytest.fixture
def ports(desk: Any) -> Callable[[Any], Ports]:
    """A gate with the real policy, looking at what one payload shows."""

    policy = Remembering(desk.gate.ports.policy)

    def looking_at(payload: Any) -> Ports:
        return Ports(policy=policy, ledger=MemoryLedger(), cluster=Recorded(payload), runbooks=INDEX)

    return looking_at


def hold(ports: Callable[[Any], Ports], *, whole: bool) -> tuple[Counter[tuple[str, str]], Counter[str]]:
    """Try hostile words in every example's free fields; the fields tried, and the outcomes of the gate."""
    tried: Counter[tuple[str, str]] = Counter()
    outcomes: Counter[str] = Counter()
    for number, example in enumerate(EXAMPLES):

        def of(payload: Any, example: Any = example, known: tuple[list[Signal], Told] | None = None) -> Told:
            signals = read_signals(example.source, payload, cluster="prod-eu", now=example.now)
            if known is not None and example.source != "kubernetes" and signals == known[0]:
                return known[1]  # nobody read the field, and no cluster is looked at besides
            return told(ports, payload, signals, example.now)

        plain, free = of(example.payload), places(example.payload)
        known = (read_signals(example.source, example.payload, cluster="prod-eu", now=example.now), plain)
        firsts = list({field(path): path for path in free}.values())
        families = list(FAMILIES.items())
        at_once = families if whole else [families[(number + n) % len(families)] for n in (0, 4, 8)]
        tries = [(family, words, free) for family, words in at_once]
        tries += [(ALL, "\n".join(FAMILIES.values()), [path]) for path in firsts] if whole else []
        for family, words, chosen in tries:
            now = of(spread(example.payload, chosen, words), known=known)
            where = f"{example.runbook}/{example.name}, {family} in {field(chosen[0])}"
            assert now.moving == plain.moving, f"{where}: {differing(plain.moving, now.moving)}"
            assert [skeleton(text) for text in now.markdown] == [skeleton(text) for text in plain.markdown], where
            assert [blocks(one) for one in now.slack] == [blocks(one) for one in plain.slack], where
            assert [acting(one) for one in now.console] == [acting(one) for one in plain.console], where
            assert not any(CONTROL.search(one) for one in now.console), where
            tried.update((f"{example.source} {field(path)}", family) for path in chosen)
            outcomes.update(now.outcomes)
    return tried, outcomes


def table(tried: Counter[tuple[str, str]]) -> str:
    """Fields by families: how often each was tried. Each of them changed nothing, or the test has failed."""
    fields = sorted({name for name, _ in tried})
    columns = [*FAMILIES, ALL]
    lines = ["", f"{'field':64}" + "".join(f"{family:>9}" for family in columns)]
    return "\n".join(lines + [f"{f:64}" + "".join(f"{tried[f, name]:>9}" for name in columns) for f in fields])


def summary(tried: Counter[tuple[str, str]], outcomes: Counter[str]) -> str:
    fields = len({name for name, _ in tried})
    return f"\n{fields} fields x {len(FAMILIES)} families: {tried.total()} tries, {dict(outcomes)}, 0 changes"


def test_words_in_all_fields_at_once_move_nothing(ports: Any, capsys: pytest.CaptureFixture[str]) -> None:
    tried, outcomes = hold(ports, whole=False)
    with capsys.disabled():
        print(summary(tried, outcomes))
    assert len({name for name, _ in tried}) > 150
    assert {family for _, family in tried} == set(FAMILIES)


@pytest.mark.exhaustive
def test_every_family_everywhere_and_all_of_them_in_each_field_alone_move_nothing(
    ports: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    tried, outcomes = hold(ports, whole=True)
    with capsys.disabled():
        print(table(tried), summary(tried, outcomes))


def test_what_would_act_is_noticed() -> None:
    for family in ("command", "keyword", "markup", "fence"):
        assert skeleton(f"words {FAMILIES[family]}") != skeleton("words"), family
    assert blocks({"blocks": [], "text": FAMILIES["slack"]})
    assert skeleton(FAMILIES["terminal"]) and skeleton(FAMILIES["hidden"])
    assert acting(f"<p>{FAMILIES['markup']}</p>") != acting("<p>words</p>")
    assert acting('<p title="words">') != acting('<p title="words" onclick="x">')


def test_words_in_the_recorded_cluster_and_of_the_proposer_change_no_verdict(desk: Any, tmp_path: File) -> None:
    """The whole gate with repository and change: the decision, the edit and the pull request stay what they are."""
    snapshot = desk.gate.settings.snapshot

    def decided(words: str) -> tuple[Any, ...]:
        folder = tmp_path / f"{len(list(tmp_path.iterdir()))}"
        folder.mkdir()
        for file in snapshot.iterdir():
            payload = json.loads(file.read_bytes())
            changed = spread(payload, places(payload), words) if words else payload
            (folder / file.name).write_text(json.dumps(changed))
        moved = replace(desk.gate.ports, cluster=SnapshotCluster(folder, "prod-eu"))
        claims = {"params": {"to_revision": "previous"}, "reason": words[:900] or "nothing"}
        proposal = desk.proposal("rollback_workload", "Deployment/payments-api", **claims)
        asked = rehearse(moved, proposal, authenticated=True, now=desk.later(60))
        state = state_of(asked, desk.incident)
        text = body(state, asked.decision, asked.document.facts, desk.incident)
        seen = skeleton(text), sorted(acting(proposal_page(state)))
        return asked.document.model_dump(mode="json"), asked.decision.outcome, asked.decision.tier, *seen

    plain = decided("")
    assert plain[1] == "require_approval"
    for family, words in FAMILIES.items():
        found = decided(words)
        assert found == plain, f"{family}: {differing(json.dumps(plain), json.dumps(found))}"
