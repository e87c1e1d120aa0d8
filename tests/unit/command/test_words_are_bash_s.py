"""The words that the grammar gives are the words that bash would pass on: a difference is a way past the gate.

Whatever random text is taken as one ``printf`` is given to a real bash, which has to print the same words. The alphabet
has every character with a meaning in a shell and too few letters to name a program.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.adapters.shell.bash_grammar import BashGrammar
from engine.core.command.refusal import CommandRefused

BASH = shutil.which("bash")
pytestmark = pytest.mark.skipif(BASH is None, reason="bash isn't on this machine")
PIECES = st.sampled_from(
    [
        *"qz09 \t\n'\"\\$`#~!*?[]{}()<>|&;=-^%:,./@+",
        " ",
        " ",
        "'q z'",
        '"q z"',
        "\\\n",
        "$'",
        "$((",
        "2>&1",
        ">/dev/null",
        "é",
        "--",
    ]
)


def words_of(text: str) -> list[str] | None:
    """The words after ``printf`` where the text is taken as that one command; ``None`` where it isn't."""
    try:
        commands = BashGrammar().commands(text)
    except CommandRefused:
        return None
    if len(commands) != 1 or commands[0].words[:3] != ("printf", r"%s\0", "begin"):
        return None
    return list(commands[0].words[3:])


def bash_says(text: str, folder: Path) -> list[str]:
    assert BASH
    done = subprocess.run([BASH, "--norc", "-c", text], cwd=folder, env={}, capture_output=True, check=False)
    return done.stdout.decode("utf-8", "surrogateescape").split("\0")[1:-1]


@given(text=st.lists(PIECES, max_size=14).map("".join))
@settings(max_examples=500, deadline=None)
def test_bash_passes_on_the_same_words(text: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    script = rf"printf '%s\0' begin {text} end"
    words = words_of(script)
    if words is None or ">/dev/null" in script:
        return
    assert bash_says(script, tmp_path_factory.getbasetemp()) == words


@pytest.mark.parametrize("text", ["'q'\\''z'", r"a\ b", '"\\$q"', "q'#'z", "a=b", "--x='y z'", '"a\\\nb"', "a \\\n b"])
def test_what_agents_quote_is_taken(text: str, tmp_path: Path) -> None:
    script = rf"printf '%s\0' begin {text}"
    assert words_of(script) == bash_says(script, tmp_path)


@pytest.mark.parametrize("text", ["a\\\nb", "a\\\n\\\nb", "q#z", "'q z'\\q", "a>/dev/null"])
def test_what_the_grammar_reads_otherwise_is_refused(text: str) -> None:
    assert words_of(rf"printf '%s\0' begin {text}") is None
