"""A setting that is misspelt must never be ignored."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.core.errors import BadInput
from engine.settings import read_settings


def test_state_and_cache_follow_the_user_s_folders() -> None:
    settings = read_settings({"XDG_STATE_HOME": "/s", "XDG_CACHE_HOME": "/c"})
    assert (settings.state, settings.cache) == (Path("/s/penstock"), Path("/c/penstock"))


def test_a_misspelt_setting_is_refused_by_name() -> None:
    with pytest.raises(BadInput, match="PENSTOCK_POLICYS"):
        read_settings({"PENSTOCK_POLICYS": "/elsewhere"})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "0"),
        ("PORT", "http"),
        ("EVALUATOR", "maybe"),
        ("FORGE", "gitlab"),
        ("GATE_ALL_PULL_REQUESTS", "yes"),
        ("FORGE_TOKEN_FILE", "/does/not/exist"),
    ],
)
def test_a_value_that_doesn_t_fit_is_refused(name: str, value: str) -> None:
    with pytest.raises(BadInput, match=f"PENSTOCK_{name}"):
        read_settings({f"PENSTOCK_{name}": value})


FORGE = {
    "PENSTOCK_FORGE": "gitea",
    "PENSTOCK_FORGE_URL": "https://git.example.com/api/v1",
    "PENSTOCK_FORGE_REPOSITORY": "acme/gitops",
    "PENSTOCK_FORGE_TOKEN": "t0ken",
    "PENSTOCK_STATE": "/s",
}


def test_a_forge_has_a_mirror_of_its_own_and_its_token_is_never_shown() -> None:
    settings = read_settings(FORGE)
    assert settings.has_repository
    assert settings.mirror == Path("/s/mirrors/git.example.com/acme/gitops.git")
    assert settings.forge_token == "t0ken" and "t0ken" not in repr(settings)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FORGE_URL", ""),
        ("FORGE_URL", "http://git.example.com/api/v1"),
        ("FORGE_URL", "https://user:word@git.example.com/api/v1"),
        ("FORGE_URL", "file:///etc"),
        ("FORGE_REPOSITORY", "acme"),
        ("FORGE_REPOSITORY", "acme/.."),
        ("FORGE_REPOSITORY", "../acme/gitops"),
        ("FORGE_TOKEN", ""),
        ("REPO", "/srv/gitops.git"),
    ],
)
def test_a_forge_that_is_not_set_whole_or_would_carry_the_token_in_the_clear_is_refused(name: str, value: str) -> None:
    with pytest.raises(BadInput, match=f"PENSTOCK_{name}"):
        read_settings({**FORGE, f"PENSTOCK_{name}": value})


def test_http_is_for_this_machine_and_github_needs_no_address() -> None:
    assert read_settings({**FORGE, "PENSTOCK_FORGE_URL": "http://127.0.0.1:3000/api/v1"}).forge == "gitea"
    given = {**FORGE, "PENSTOCK_FORGE": "github", "PENSTOCK_FORGE_URL": ""}
    assert read_settings(given).forge_url == "https://api.github.com"


def test_a_secret_is_read_from_its_file_and_never_from_two_places(tmp_path: Path) -> None:
    kept = tmp_path / "secret"
    kept.write_text("new\nold\n\n")
    settings = read_settings({"PENSTOCK_WEBHOOK_SECRET_FILE": str(kept)})
    assert settings.webhook_secrets == ("new", "old") and "new" not in repr(settings)
    with pytest.raises(BadInput, match="WEBHOOK_SECRET_FILE"):
        read_settings({"PENSTOCK_WEBHOOK_SECRET_FILE": str(kept), "PENSTOCK_WEBHOOK_SECRET": "other"})
    kept.write_text("\n")
    with pytest.raises(BadInput, match="the file is empty"):
        read_settings({"PENSTOCK_WEBHOOK_SECRET_FILE": str(kept)})


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("DRIFT_SECONDS", "0", "doesn't fit"),
        ("DRIFT_SECONDS", "90000", "doesn't fit"),
        ("DRY_RUN_CONTEXT", "prod-eu", "is missing"),
        ("TEMPO_URL", "http://tempo.example.com", "is no address"),
        ("EVIDENCE_TOKEN_FILE", "/nowhere/token", "can't be read"),
    ],
)
def test_what_asks_the_cluster_or_a_store_is_set_whole(name: str, value: str, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        read_settings({f"PENSTOCK_{name}": value, "HOME": "/nowhere"})
