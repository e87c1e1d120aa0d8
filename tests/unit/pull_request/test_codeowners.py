"""Who is asked for a review is who the repository says owns the path, and nobody when it can't be read."""

from __future__ import annotations

import time

import pytest

from engine.core.codeowners import owners_of, read_owners

FILE = b"""# everybody's
* @acme/platform

/apps/ @acme/apps   # the last line that matches wins
/apps/payments/ @acme/payments @amara
*.tf @infra-lead
docs/* someone@example.com
/apps/payments/README.md
/clusters/**/secrets.yaml @acme/security
some\\ folder/ @tomasz
build/logs/*.log @acme/logs
"""


@pytest.mark.parametrize(
    ("path", "owners"),
    [
        ("README", ["acme/platform"]),
        ("apps/web.yaml", ["acme/apps"]),
        ("apps/payments/base/api.yaml", ["acme/payments", "amara"]),
        ("apps/payments/README.md", []),
        ("network/main.tf", ["infra-lead"]),
        ("apps/payments/main.tf", ["infra-lead"]),
        ("other/apps/web.yaml", ["acme/platform"]),
        ("clusters/secrets.yaml", ["acme/security"]),
        ("clusters/prod/eu/secrets.yaml", ["acme/security"]),
        ("some folder/x.yaml", ["tomasz"]),
        ("docs/a.md", ["acme/platform"]),
        ("build/logs/today.log", ["acme/logs"]),
        ("build/logs/old/today.log", ["acme/platform"]),
    ],
)
def test_the_last_line_that_matches_names_the_owners(path: str, owners: list[str]) -> None:
    assert list(owners_of(read_owners(FILE), [path])) == owners


def test_owners_of_several_paths_are_named_once() -> None:
    paths = ["apps/web.yaml", "apps/api.yaml", "README"]
    assert owners_of(read_owners(FILE), paths) == ("acme/apps", "acme/platform")


@pytest.mark.parametrize(
    "line",
    [
        b"!apps/ @amara",
        b"apps/[ab].yaml @amara",
        b"apps/ amara",
        b"apps/ @amara/team/more",
        b"apps/ @-",
        b"@amara",
        b"",
    ],
)
def test_a_line_that_can_t_be_read_owns_nothing(line: bytes) -> None:
    assert owners_of(read_owners(line), ["apps/a.yaml", "apps/b.yaml"]) == ()


def test_bytes_that_are_no_text_and_files_without_end_own_nothing() -> None:
    assert owners_of(read_owners(b"\xff\xfe* @amara"), ["apps/a.yaml"]) == ()
    assert read_owners(b"* @amara\n" * 400_000) == ()


def test_a_pattern_made_to_take_for_ever_is_not_tried() -> None:
    hostile = b"**/a**/a**/a**/a**/a**/a**/a**/b @amara"
    began = time.process_time()
    assert owners_of(read_owners(hostile), ["a" * 1000 + "/a" * 500]) == ()
    assert time.process_time() - began < 5
