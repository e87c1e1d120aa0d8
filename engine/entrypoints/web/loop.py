"""The loop of a serving gate: it delivers what was announced, looks where it was told to, and makes up for the rest.

One thread, one step after the other, none of them without end. It takes the desk's lock for one small step at a
time, so that those who call are never kept waiting for a round. What a step can't do is said once, and the step is
left alone for a while, longer each time; the others go on.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from socket import gethostname
from threading import Event, Thread

from engine import wiring
from engine.core.delivery import Look
from engine.core.errors import PenstockError, RateLimited
from engine.core.moment import shift
from engine.entrypoints.drift import act_on
from engine.entrypoints.web.desk import Desk
from engine.usecases.dispatch import dispatch
from engine.usecases.exceptions import warn_of_exceptions
from engine.usecases.forget import forget
from engine.usecases.go_on import verify_next, verifying
from engine.usecases.look_for_drift import look_for_drift
from engine.usecases.queue_looks import ask_for_look, take_looks
from engine.usecases.resume import resume
from engine.usecases.take_lead import LEAD_SECONDS, leave_lead, take_lead
from engine.usecases.take_look import Reconcile, take_look

TICK_SECONDS = 1.0
BREATH_SECONDS = 0.2
LONGEST_WAIT_SECONDS = 300
LEAVE_SECONDS = 60.0
POLICY_SECONDS = 3
UNSEEN = "drift that isn't seen"
FORGET_SECONDS = 60
DAY_SECONDS = 86_400
HOUR_SECONDS = 3600


@dataclass
class _Step:
    """One thing the loop does, how often, and when next; ``everywhere`` where each of several gates has to."""

    name: str
    act: Callable[[], None]
    every: int = 0
    everywhere: bool = False
    due: str = ""
    failures: int = 0


@dataclass
class Loop:
    """Runs in a thread of its own while it is entered, and polls about every ``poll_seconds``.

    Of several gates on one ledger one leads, and does what is to be done once; ``holder`` is this one's name for that.
    """

    desk: Desk
    reconcile: Reconcile
    poll_seconds: int
    say: Callable[[str], None]
    holder: str = field(default_factory=lambda: f"{gethostname()}:{os.getpid()}")
    _lead_until: str = ""
    _leaving: Event = field(default_factory=Event)
    _thread: Thread | None = None

    def __post_init__(self) -> None:
        self._steps = [
            _Step("lead", self._lead, everywhere=True),
            _Step("notifications", self._dispatch),
            _Step("poll", self._poll, self.poll_seconds, everywhere=True),
            _Step("under way", self._go_on, self.poll_seconds),
            _Step("looks", self._look),
            _Step("policy", self._reload, POLICY_SECONDS, everywhere=True),
            _Step("what is over", self._forget, FORGET_SECONDS),
            _Step("exceptions", self._warn, HOUR_SECONDS),
        ]
        if self.desk.gate.settings.drift_seconds:
            self._steps.append(_Step("drift", self._drift, self.desk.gate.settings.drift_seconds))

    def __enter__(self) -> Loop:
        """Begin."""
        self.desk.pulse.beat = self.desk.now()
        self._thread = Thread(target=self._run, name="loop", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Finish the step that is under way, and no other, and let another gate lead."""
        self._leaving.set()
        self.desk.wake.set()
        if self._thread is not None:
            self._thread.join(LEAVE_SECONDS)
        with suppress(PenstockError):
            leave_lead(self.desk.gate.ports.ledger, self.holder, now=self.desk.now())

    def round(self) -> None:
        """Every step that is due, once."""
        for step in self._steps:
            now = self.desk.now()
            mine = step.everywhere or now < self._lead_until
            if mine and not self._leaving.is_set() and step.due <= now:
                self._try(step, now)
                self.desk.pulse.beat = self.desk.now()

    def _run(self) -> None:
        while not self._leaving.is_set():
            self.round()
            self.desk.wake.wait(TICK_SECONDS)
            self.desk.wake.clear()
            self._leaving.wait(BREATH_SECONDS)

    def _try(self, step: _Step, now: str) -> None:
        troubles = self.desk.pulse.troubles
        try:
            step.act()
        except PenstockError as error:
            said, until = str(error), error.retry_at if isinstance(error, RateLimited) else ""
        except Exception as error:  # noqa: BLE001  the end of this thread's stack: the loop has to outlive it
            said, until = f"failed: {type(error).__name__}", ""
        else:
            step.failures, step.due = 0, shift(now, _jittered(step.every)) if step.every else ""
            if troubles.pop(step.name, ""):
                self.say(f"{step.name}: goes on again")
            return
        step.failures += 1
        wait = min(LONGEST_WAIT_SECONDS, 2 ** min(step.failures, 10))
        step.due = max(shift(now, _jittered(wait)), until)
        if troubles.get(step.name) != said:
            troubles[step.name] = said
            self.say(f"{step.name}: {said}")

    def _lead(self) -> None:
        """Take the lead, or keep it once half of its time is over."""
        now = self.desk.now()
        if self._lead_until and now < shift(self._lead_until, -LEAD_SECONDS // 2):
            return
        self._lead_until, self.desk.pulse.leads = "", False
        self._lead_until = take_lead(self.desk.gate.ports.ledger, self.holder, now=now)
        self.desk.pulse.leads = bool(self._lead_until)

    def _dispatch(self) -> None:
        ports = self.desk.gate.ports
        dispatch(ports.ledger, ports.notifiers, now=self.desk.now())

    def _poll(self) -> None:
        """Look at the cluster anew, and queue a look at everything."""
        with self.desk.acting:
            self.desk.gate = wiring.looking_again(self.desk.gate)
        self.desk.gate.ports.ledger.run(lambda tx: ask_for_look(tx, Look(), now=self.desk.now()))

    def _reload(self) -> None:
        """Take a newer policy; only the taking keeps others waiting, and no decision sees two policies."""
        if wiring.policy_prepared(self.desk.gate):
            with self.desk.acting:
                wiring.take_policy(self.desk.gate)
            self.say(f"policy: {self.desk.gate.ports.policy.identity().revision} is in force")

    def _forget(self) -> None:
        """Take away a little of what was kept long enough. No lock is taken: nothing that is decided reads it."""
        gate = self.desk.gate
        forget(gate.ports.ledger, keep_seconds=gate.settings.keep_days * DAY_SECONDS, now=self.desk.now())

    def _warn(self) -> None:
        """Tell people of exceptions that end soon."""
        ports = self.desk.gate.ports
        warn_of_exceptions(ports.policy, ports.ledger, now=self.desk.now())

    def _go_on(self) -> None:
        with self.desk.acting:
            resume(self.desk.gate.ports, now=self.desk.now())
        for state in verifying(self.desk.gate.ports):
            if self._leaving.is_set():
                return
            with self.desk.acting:
                verify_next(self.desk.gate.ports, state, now=self.desk.now())

    def _drift(self) -> None:
        """Hold the cluster against Git; only what is proposed of it keeps others waiting."""
        ports = self.desk.gate.ports
        looked = look_for_drift(ports, now=self.desk.now())
        with self.desk.acting:
            act_on(ports, looked, now=self.desk.now())
        said = ""
        if looked.unknown:
            name, why = min(looked.unknown.items())
            said = f"{len(looked.unknown)} couldn't be looked at; {name}: {why}"
        if said != self.desk.pulse.troubles.pop(UNSEEN, ""):
            self.say(f"{UNSEEN}: {said or 'everything could be looked at'}")
        if said:
            self.desk.pulse.troubles[UNSEEN] = said

    def _look(self) -> None:
        for taken in take_looks(self.desk.gate.ports.ledger, now=self.desk.now()):
            if self._leaving.is_set():
                return
            with self.desk.acting:
                take_look(self.desk.gate.ports, taken, self.reconcile, now=self.desk.now())
            self.desk.pulse.beat = self.desk.pulse.forge = self.desk.now()


def _jittered(seconds: int) -> int:
    """About so many seconds, so that many gates don't ask at once."""
    return max(1, round(seconds * random.uniform(0.85, 1.15)))  # noqa: S311  nothing depends on nobody guessing it
