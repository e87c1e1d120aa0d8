"""What a watcher has told already: once while it goes on, again after a while, forgotten when it is over."""

from __future__ import annotations

from engine.core.repetition import AGAIN_SECONDS, Told
from engine.core.signal import ObjectReference, Signal

NOW, LATER, MUCH_LATER = "2026-11-21T10:00:00Z", "2026-11-21T10:09:59Z", "2026-11-21T10:10:00Z"


def signal(digest: str) -> Signal:
    subject = ObjectReference("prod", "shop", "Pod", "app")
    return Signal("kubernetes", subject, "CrashLoopBackOff", "critical", "", NOW, digest)


def test_what_goes_on_is_told_once_and_after_a_while_again() -> None:
    told = Told()
    assert told.untold([signal("a")], now=NOW) == [signal("a")]
    told.tell([signal("a")], now=NOW)
    assert told.untold([signal("a"), signal("b")], now=LATER) == [signal("b")]
    assert told.untold([signal("a")], now=MUCH_LATER) == [signal("a")]
    assert AGAIN_SECONDS == 600


def test_what_wasn_t_taken_is_still_untold() -> None:
    told = Told()
    told.untold([signal("a")], now=NOW)
    assert told.untold([signal("a")], now=NOW) == [signal("a")]


def test_what_is_over_is_forgotten_and_news_when_it_comes_back() -> None:
    told = Told()
    told.tell([signal("a"), signal("b")], now=NOW)
    told.keep([signal("b")])
    assert told.untold([signal("a"), signal("b")], now=LATER) == [signal("a")]
