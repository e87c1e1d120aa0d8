"""A script to its simple commands, by the grammar of tree-sitter-bash. Nothing is run or expanded.

A grammar for editors forgives what it can't read, and a gate mustn't. So a script is taken only when

1. the parser reports no error anywhere;
2. every node is of a kind that is listed here, each other kind having its own reason to be refused;
3. the leaves cover the whole text, so that nothing was skipped over: gaps are blanks, and lines continued beside one;
4. every word is literal: no variable but that of a loop over written values, no pattern, no substitution;
5. a comment holds nothing that would be a command where a shell takes ``#`` for a word, as zsh does at a prompt.

A loop over written values is unrolled, so that each command is judged with the words it would have.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

import tree_sitter_bash
from tree_sitter import Language, Node, Parser

from engine.adapters.shell.literal import literal
from engine.core.command.meaning import SimpleCommand
from engine.core.command.refusal import CommandRefused

MOST_BYTES, MOST_COMMANDS, MOST_DEPTH = 16_384, 200, 40

_THROUGH = frozenset(
    {
        *("program", "list", "do_group", "while_statement", "if_statement", "elif_clause", "else_clause"),
        *("compound_statement", "subshell", "negated_command"),
    }
)
_TOKENS = frozenset(
    {
        *("\n", ";", "&&", "||", "|", "|&", "{", "}", "(", ")", "!", "comment"),
        *("while", "until", "do", "done", "if", "then", "elif", "else", "fi"),
    }
)
_REFUSED: Mapping[str, tuple[str, str]] = {
    "command_substitution": ("substitution", "runs a command inside a word"),
    "process_substitution": ("substitution", "runs a command in place of a file"),
    "heredoc_redirect": ("here_document", "reads a text from the script"),
    "herestring_redirect": ("here_document", "reads a text from the script"),
    "variable_assignment": ("assignment", "sets a variable"),
    "variable_assignments": ("assignment", "sets variables"),
    "declaration_command": ("assignment", "sets variables"),
    "unset_command": ("assignment", "takes variables away"),
    "function_definition": ("evaluates_text", "gives a name another meaning"),
    "simple_expansion": ("expansion", "has a value that isn't known"),
    "expansion": ("expansion", "has a value that isn't known"),
    "arithmetic_expansion": ("expansion", "has a value that isn't known"),
    "ansi_c_string": ("quoting", "is quoted in a way of its own"),
    "translated_string": ("quoting", "is quoted in a way of its own"),
    "brace_expression": ("glob", "means several words"),
    "$": ("quoting", "is quoted in a way of its own"),
    "&": ("background", "goes on in the background"),
}
_BLANK = re.compile(rb"[ \t\n]*|(?:\\\n)*[ \t](?:[ \t]|\\\n)*")
_QUIET = re.compile(r"(?:[12]?>>?|&>>?|[12]?>&|0?<)\s*/dev/null|2>&1|1?>&2|>&1")
_VARIABLE = re.compile(r"[a-z][a-z0-9_]{0,30}")
# What zsh keeps its search path, its own tables and its prompts in: setting one of these changes what commands mean.
_OF_ZSH = re.compile(
    r"(cd|f|mail|man|module_)?path|argv|status|pipestatus|prompt|psvar|watch|fignore|histchars|signals|zle_.*|dis_.*"
    r"|aliases|galiases|saliases|builtins|commands|functions.*|func.*trace|funcstack|options|parameters|modules|dirstack"
    r"|history|historywords|job(dirs|texts|states)|(named|user)dirs|usergroups|reswords|patchars|keymaps|widgets"
)
_AT_A_PROMPT = re.compile(rb"[;&|`$<>(){}]")
_LANGUAGE = Language(tree_sitter_bash.language())

Scope = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class BashGrammar:
    """The port :class:`~engine.ports.ShellGrammar`."""

    def commands(self, text: str) -> tuple[SimpleCommand, ...]:
        """Every simple command of a script, in the order they are written. Raises :class:`CommandRefused`."""
        data = text.encode("utf-8", "surrogateescape")
        if len(data) > MOST_BYTES:
            raise CommandRefused("too_long", f"is over {MOST_BYTES} bytes")
        if "\x00" in text or "\r" in text:
            raise CommandRefused("unusual_characters", "has characters that a shell reads in its own way")
        root = Parser(_LANGUAGE).parse(data).root_node
        if root.has_error:
            raise CommandRefused("not_understood", "isn't a script that the grammar reads", where=_error(root, text))
        found: list[SimpleCommand] = []
        for command in _walk(root, {}, piped=False, depth=0):
            found.append(command)
            if len(found) > MOST_COMMANDS:
                raise CommandRefused("too_many", f"is more than {MOST_COMMANDS} commands")
        _covered(root, data)
        if not found:
            raise CommandRefused("empty", "there is no command")
        return tuple(found)


def _error(root: Node, text: str) -> str:
    nodes = [root]
    while nodes:
        node = nodes.pop()
        if node.is_error or node.is_missing:
            return f"line {node.start_point.row + 1}"
        nodes.extend(child for child in node.children if child.has_error)
    return f"line {text.count(chr(10)) + 1}"


def _covered(root: Node, data: bytes) -> None:
    """Raises :class:`CommandRefused` when the grammar went over something that isn't a blank."""
    position = 0
    for leaf in _leaves(root):
        if leaf.type == "comment" and _AT_A_PROMPT.search(leaf.text or b""):
            raise CommandRefused("unsupported_syntax", "has a comment that some shells would run", where=_line(leaf))
        if leaf.start_byte < position or not _BLANK.fullmatch(data, position, leaf.start_byte):
            raise CommandRefused("not_understood", "has something that the grammar skips", where=_line(leaf))
        position = leaf.end_byte
    if data[position:].strip(b" \t\n"):
        raise CommandRefused("not_understood", "has something that the grammar skips")


def _leaves(node: Node) -> Iterator[Node]:
    stack = [node]
    while stack:
        top = stack.pop()
        if top.type in ("string", "raw_string", "comment") or not top.children:
            yield top
        else:
            stack.extend(reversed(top.children))


def _line(node: Node) -> str:
    return f"line {node.start_point.row + 1}"


def _walk(node: Node, scope: Scope, *, piped: bool, depth: int) -> Iterator[SimpleCommand]:
    if depth > MOST_DEPTH:
        raise CommandRefused("nested_too_deep", "is nested too deep", where=_line(node))
    kind = node.type
    if kind == "command":
        yield SimpleCommand(tuple(_words(node, scope)), piped)
    elif kind == "pipeline":
        parts = [child for child in node.children if child.type not in ("|", "|&", "\n", "comment")]
        for number, part in enumerate(parts):
            yield from _walk(part, scope, piped=piped or number > 0, depth=depth + 1)
    elif kind == "redirected_statement":
        yield from _redirected(node, scope, piped=piped, depth=depth)
    elif kind == "for_statement":
        yield from _loop(node, scope, piped=piped, depth=depth)
    elif kind in _THROUGH:
        for child in node.children:
            if child.type not in _TOKENS:
                yield from _walk(child, scope, piped=piped, depth=depth + 1)
    else:
        raise _refusal(node)


def _refusal(node: Node) -> CommandRefused:
    code, sentence = _REFUSED.get(node.type, ("unsupported_syntax", f"uses {node.type.replace('_', ' ')}"))
    return CommandRefused(code, sentence, where=_line(node))


def _apart(children: list[Node]) -> list[Node]:
    """The parts of a command. Raises :class:`CommandRefused` when two touch: a shell reads those as one word."""
    for one, other in pairwise(children):
        if one.end_byte >= other.start_byte:
            raise CommandRefused("not_understood", "has words that touch", where=_line(other))
    return children


def _words(node: Node, scope: Scope) -> Iterator[str]:
    for child in _apart(node.children):
        if child.type == "command_name":
            yield literal(child.children[0], scope, _refusal)
        elif child.type == "file_redirect":
            _quiet(child)
        elif child.is_named:
            yield literal(child, scope, _refusal)
        else:
            raise _refusal(child)


def _redirected(node: Node, scope: Scope, *, piped: bool, depth: int) -> Iterator[SimpleCommand]:
    for child in _apart(node.children):
        if child.type == "file_redirect":
            _quiet(child)
        else:
            yield from _walk(child, scope, piped=piped, depth=depth + 1)


def _quiet(node: Node) -> None:
    text = (node.text or b"").decode("utf-8", "replace")
    if _QUIET.fullmatch(text) is None:
        raise CommandRefused("redirection", "goes to or comes from a file", where=text)


def _loop(node: Node, scope: Scope, *, piped: bool, depth: int) -> Iterator[SimpleCommand]:
    """The body of ``for NAME in VALUES`` once for each value."""
    if node.children[0].type != "for":
        raise _refusal(node)
    name, body, values = "", None, list[str]()
    for child in node.children[1:]:
        if child.type == "variable_name":
            name = (child.text or b"").decode()
        elif child.type == "do_group":
            body = child
        elif child.is_named and child.type != "comment":
            if values and not (child.prev_sibling and child.prev_sibling.end_byte < child.start_byte):
                raise CommandRefused("not_understood", "has words that touch", where=_line(child))
            values.append(literal(child, scope, _refusal))
    if body is None or not _VARIABLE.fullmatch(name) or name.endswith("_proxy") or _OF_ZSH.fullmatch(name):
        raise CommandRefused("assignment", "sets a variable that programs may read", where=name or _line(node))
    if not values:
        raise CommandRefused("expansion", "goes over values that aren't written", where=name)
    for value in values:
        yield from _walk(body, {**scope, name: value}, piped=piped, depth=depth + 1)
