"""Every scenario under ``features/``."""

from __future__ import annotations

from pytest_bdd import scenarios

from tests.conftest import ROOT

scenarios(str(ROOT / "features"))
