"""Whoever wasn't let in neither waits for those who act nor keeps a worker from them."""

from __future__ import annotations

from threading import Thread
from typing import Any

import pytest


@pytest.mark.parametrize("path", ["/v1/proposals", "/v1/decisions", "/v1/signals/kubernetes"])
def test_a_stranger_is_answered_while_somebody_acts(http: Any, path: str) -> None:
    answers: list[int] = []
    caller = Thread(target=lambda: answers.append(http.client.post(path, json={}).status_code), daemon=True)
    with http.client.app.state.desk.acting:
        caller.start()
        caller.join(timeout=30)
        assert answers == [401]
