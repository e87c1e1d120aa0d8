"""The bundle: what it is built from, what it is called, and when it is believed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest

from engine.adapters.opa.bundle import COMPILER, Bundle, load_bundle, open_bundle
from engine.adapters.tools.pins import OPA
from engine.core.errors import BadInput, EvaluatorUnavailable, UnfitBundle

RULE = "rego/gate/rules/blast/pods/pods.rego"
LIMITS = "rego/gate/data/limits/data.yaml"


def no_binary() -> NoReturn:
    raise AssertionError("opa was asked for")


@pytest.fixture
def load(policies: Path, opa: Path, tmp_path: Path) -> Callable[..., Bundle]:
    """Loads the folder's bundle into a cache of the test's own."""

    def loaded(**options: object) -> Bundle:
        given: dict[str, object] = {"cache": tmp_path / "cache", "opa": lambda: opa, **options}
        return load_bundle(policies, **given)  # type: ignore[arg-type]

    return loaded


def test_the_compiler_is_the_pinned_one() -> None:
    assert OPA.version == COMPILER


def test_equal_files_make_equal_bytes_wherever_they_lie(
    policies: Path, load: Callable[..., Bundle], opa: Path, tmp_path: Path
) -> None:
    first = load()
    shutil.copytree(policies, tmp_path / "elsewhere" / "policies")
    os.utime(tmp_path / "elsewhere" / "policies" / RULE, (0, 0))
    second = load_bundle(tmp_path / "elsewhere" / "policies", cache=tmp_path / "other", opa=lambda: opa)
    assert (first.digest, first.revision, first.wasm) == (second.digest, second.revision, second.wasm)
    assert first.served.read_bytes() == second.served.read_bytes()


def test_nothing_of_this_machine_is_in_the_archive(load: Callable[..., Bundle]) -> None:
    with tarfile.open(load().served) as files:
        names = files.getnames()
        manifest = json.loads(files.extractfile("/.manifest").read())  # type: ignore[union-attr]
    assert sorted(names) == [
        "/.manifest",
        "/data.json",
        "/gate/decision/decision.rego",
        "/gate/rules/blast/pods/pods.rego",
    ]
    assert manifest["revision"] == load().revision


@pytest.mark.parametrize("file", [RULE, LIMITS, "rego/.manifest", "capabilities.json"])
def test_any_byte_of_the_policy_changes_its_digest(policies: Path, load: Callable[..., Bundle], file: str) -> None:
    before = load().digest
    (policies / file).write_bytes((policies / file).read_bytes() + b"\n")
    assert load().digest != before


def test_a_test_or_a_readme_is_not_policy(policies: Path, load: Callable[..., Bundle]) -> None:
    before = load().digest
    (policies / "rego/gate/rules/blast/pods/pods_test.rego").write_text("not even rego")
    (policies / "rego/README.md").write_text("words")
    assert load().digest == before


def test_an_overlay_is_part_of_the_digest(policies: Path, load: Callable[..., Bundle]) -> None:
    overlay = policies / "mine.yaml"
    overlay.write_text("limits: {pods: 5}\n")
    first = load(overlay=overlay)
    overlay.write_text("limits: {pods: 6}\n")
    second = load(overlay=overlay)
    assert len({load().digest, first.digest, second.digest}) == 3
    assert second.topic("limits") == {"pods": 6}


def test_authors_may_name_their_revision(policies: Path, load: Callable[..., Bundle]) -> None:
    manifest = {"roots": ["gate"], "rego_version": 2, "revision": "2026-11"}
    (policies / "rego/.manifest").write_text(json.dumps(manifest))
    bundle = load()
    assert bundle.revision == "2026-11+" + bundle.digest.removeprefix("sha256:")[:12]


def test_what_was_built_needs_no_binary(load: Callable[..., Bundle]) -> None:
    built = load()
    assert load(opa=no_binary) == built
    assert open_bundle(built.folder) == built


@pytest.mark.parametrize("name", ["policy.wasm", "bundle.tar.gz", "data.json"])
def test_a_changed_byte_in_the_cache_is_an_unfit_bundle(load: Callable[..., Bundle], name: str) -> None:
    file = load().folder / name
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    with pytest.raises(UnfitBundle, match=f"{name}: is not what was built"):
        load()


@pytest.mark.parametrize("name", ["policy.wasm", "bundle.tar.gz", "data.json", "record.json"])
@pytest.mark.parametrize("change", [Path.unlink, lambda file: file.write_bytes(b"")], ids=["gone", "empty"])
def test_a_cache_entry_that_is_not_whole_is_an_unfit_bundle(
    load: Callable[..., Bundle], name: str, change: Callable[[Path], object]
) -> None:
    change(load().folder / name)
    with pytest.raises(UnfitBundle):
        load()


def test_another_policys_entry_under_this_digest_is_an_unfit_bundle(
    policies: Path, load: Callable[..., Bundle]
) -> None:
    strict = load()
    (policies / LIMITS).write_text("pods: 1000\n")
    lax = load()
    shutil.rmtree(strict.folder)
    shutil.copytree(lax.folder, strict.folder)
    (policies / LIMITS).write_text("# The most pods that one action may touch.\npods: 3\n")
    with pytest.raises(UnfitBundle):
        load()


def test_a_failed_build_leaves_nothing(policies: Path, load: Callable[..., Bundle], tmp_path: Path) -> None:
    (policies / RULE).write_text("package gate.rules.blast.pods\n\ndeny contains {\n")
    with pytest.raises(BadInput):
        load()
    assert list((tmp_path / "cache" / "bundles" / f"opa-{COMPILER}").iterdir()) == []


def test_a_syntax_error_names_file_and_line(policies: Path, load: Callable[..., Bundle]) -> None:
    (policies / RULE).write_text("package gate.rules.blast.pods\n\nimport rego.v2\n\ndeny contains x if {\n")
    with pytest.raises(BadInput, match=r"pods\.rego:6:1: rego_parse_error"):
        load()


def test_a_builtin_that_is_not_in_the_capabilities_names_file_and_line(
    policies: Path, load: Callable[..., Bundle]
) -> None:
    text = (policies / RULE).read_text() + '\ndeny contains "now" if time.now_ns() > 0\n'
    (policies / RULE).write_text(text)
    with pytest.raises(BadInput, match=r"pods\.rego:\d+:\d+: rego_type_error: undefined function time\.now_ns"):
        load()


def test_data_that_could_be_read_two_ways_names_file_and_line(policies: Path, load: Callable[..., Bundle]) -> None:
    (policies / LIMITS).write_text("pods: 3\non: yes\n")
    with pytest.raises(BadInput, match=r"limits/data\.yaml:2"):
        load()


def test_a_number_that_not_every_reader_can_hold_is_refused(policies: Path, load: Callable[..., Bundle]) -> None:
    (policies / LIMITS).write_text(f"pods: {2**64}\n")
    with pytest.raises(BadInput):
        load()


def test_data_in_the_wrong_place_is_refused(policies: Path, load: Callable[..., Bundle]) -> None:
    (policies / "rego/gate/rules/data.yaml").write_text("blast: {pods: {deny: []}}\n")
    with pytest.raises(BadInput, match="belongs below gate/data"):
        load()


def test_two_files_for_one_place_are_refused(policies: Path, load: Callable[..., Bundle]) -> None:
    (policies / "rego/gate/data/limits/data.json").write_text('{"pods": 30}')
    with pytest.raises(BadInput, match="two data files"):
        load()


def test_a_link_is_refused(policies: Path, load: Callable[..., Bundle]) -> None:
    (policies / "rego/gate/rules/more").symlink_to("/etc")
    with pytest.raises(BadInput, match="symbolic link"):
        load()


def test_no_rules_is_an_unfit_bundle(policies: Path, load: Callable[..., Bundle]) -> None:
    shutil.rmtree(policies / "rego/gate/rules")
    with pytest.raises(UnfitBundle, match="no rules"):
        load()


def test_no_decision_is_an_unfit_bundle(policies: Path, load: Callable[..., Bundle]) -> None:
    shutil.rmtree(policies / "rego/gate/decision")
    with pytest.raises((UnfitBundle, BadInput), match="gate/decision/verdict"):
        load()


@pytest.mark.parametrize("missing", ["rego", "rego/.manifest", "capabilities.json"])
def test_a_folder_that_is_not_whole_is_bad_input(policies: Path, load: Callable[..., Bundle], missing: str) -> None:
    path = policies / missing
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    with pytest.raises(BadInput, match=missing.replace(".", r"\.")):
        load()


def test_a_missing_overlay_is_bad_input(policies: Path, load: Callable[..., Bundle]) -> None:
    with pytest.raises(BadInput, match=r"none\.yaml"):
        load(overlay=policies / "none.yaml")


def test_a_binary_that_cannot_run_is_said(load: Callable[..., Bundle], tmp_path: Path) -> None:
    with pytest.raises(EvaluatorUnavailable, match="can't be run"):
        load(opa=lambda: tmp_path / "none")


def test_a_cache_that_cannot_be_written_is_said(load: Callable[..., Bundle], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UnfitBundle, match="PENSTOCK_CACHE"):
        load(cache=tmp_path / "file")


def test_two_processes_may_build_the_same_at_once(
    policies: Path, load: Callable[..., Bundle], opa: Path, tmp_path: Path
) -> None:
    code = (
        "from pathlib import Path; from engine.adapters.opa.bundle import load_bundle; import sys;"
        "print(load_bundle(Path(sys.argv[1]), cache=Path(sys.argv[2]), opa=lambda: Path(sys.argv[3])).digest)"
    )
    command = [os.sys.executable, "-c", code, str(policies), str(tmp_path / "cache"), str(opa)]  # type: ignore[attr-defined]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    assert {process.communicate(timeout=60)[0].strip() for process in running} == {load(opa=no_binary).digest}
