"""The part of jq that rules ask of one JSON line: paths, comparisons, `select`, `test` and the like.

What jq can do beyond it (definitions, loops, arithmetic, variables) is refused by name, so that no rule can keep
the matcher busy: a query walks its line, and streams are cut off.
Source of the semantics: the jq 1.7 manual.
"""

import re
from dataclasses import dataclass
from itertools import islice
from typing import Any

from services.problems.jq_filters import (
    COMPARISONS,
    CONSTANTS,
    MAX_OUTPUTS,
    OVER_ALL,
    PLAIN_FUNCTIONS,
    TEXT_TESTS,
    Filter,
    Node,
    QueryError,
    any_true,
    both_streams,
    chained,
    compared,
    conjunction,
    constant,
    either,
    element,
    elements,
    field,
    first_true,
    has,
    itself,
    over_all,
    piped,
    plain,
    selected,
    single,
    text_test,
    tried,
)

_MAX_QUERY_CHARS = 2_000
_TOKEN = re.compile(
    r"""\s*(?:(?P<string>"(?:[^"\\]|\\.)*")|(?P<number>-?\d+(?:\.\d+)?)|(?P<field>\.[A-Za-z_]\w*)
       |(?P<word>[A-Za-z_]\w*)|(?P<sign>==|!=|<=|>=|//|[<>|,;()\[\].?])|(?P<other>\S))""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed query.

    needed: at least one of these patterns, in whatever case, is in every line that matches; empty if none is known.
    """

    needed: frozenset[str]
    _run: Filter

    def matches(self, entry: Any) -> bool:
        """Whether the query gives anything but null and false."""
        try:
            return any(output is not None and output is not False for output in islice(self._run(entry), MAX_OUTPUTS))
        except (QueryError, RecursionError):
            return False


def parse(text: str) -> Query:
    """Parse a query.

    Raises:
        ValueError: it is malformed or beyond this part of jq; says where.
    """
    if len(text) > _MAX_QUERY_CHARS:
        raise ValueError(f"is longer than {_MAX_QUERY_CHARS:,} characters")
    parser = _Parser(text)
    try:
        node = parser.pipe(None)
    except RecursionError:
        raise ValueError("is nested too deep") from None
    parser.end()
    return Query(node.needed, node.run)


class _Parser:
    """Recursive descent; `key` is the last field read by what the part is applied to."""

    def __init__(self, text: str) -> None:
        self._tokens = [(found.lastgroup or "", found[found.lastgroup or 0]) for found in _TOKEN.finditer(text)]
        self._at = 0

    def end(self) -> None:
        if self._at < len(self._tokens):
            raise ValueError(f"{self._tokens[self._at][1]!r} is not supported here")

    def pipe(self, key: str | None) -> Node:
        node = self._comma(key)
        while self._take("|"):
            node = piped(node, self._comma(node.key))
        return node

    def _comma(self, key: str | None) -> Node:
        node = self._alternative(key)
        while self._take(","):
            node = either(node, self._alternative(key), both_streams)
        return node

    def _alternative(self, key: str | None) -> Node:
        node = self._or(key)
        while self._take("//"):
            node = either(node, self._or(key), first_true)
        return node

    def _or(self, key: str | None) -> Node:
        node = self._and(key)
        while self._take("or"):
            node = either(node, self._and(key), any_true)
        return node

    def _and(self, key: str | None) -> Node:
        node = self._comparison(key)
        while self._take("and"):
            other = self._comparison(key)
            node = conjunction(node, other)
        return node

    def _comparison(self, key: str | None) -> Node:
        node = self._postfix(key)
        for sign in COMPARISONS:
            if self._take(sign):
                return compared(node, sign, self._postfix(key))
        return node

    def _postfix(self, key: str | None) -> Node:
        node = self._primary(key)
        while True:
            kind, text = self._peek()
            if kind == "field":
                self._at += 1
                node = field(node, text[1:])
            elif kind == "string" and self._tokens[self._at - 1][1] == ".":
                self._at += 1
                node = field(node, _unquoted(text))
            elif text == "[":
                self._at += 1
                node = self._bracket(node)
            elif text == "?":
                self._at += 1
                node = Node(tried(node.run), node.needed, node.key)
            elif text == "." and self._peek(1)[0] == "string":
                self._at += 1
            else:
                return node

    def _bracket(self, node: Node) -> Node:
        kind, text = self._peek()
        if self._take("]"):
            return Node(chained(node.run, elements), node.needed)
        self._at += 1
        self._expect("]")
        if kind == "string":
            return field(node, _unquoted(text))
        if kind == "number" and text.lstrip("-").isdigit():
            return Node(chained(node.run, element(int(text))), node.needed)
        raise ValueError(f"[{text}] is not supported")

    def _primary(self, key: str | None) -> Node:
        kind, text = self._peek()
        self._at += 1
        node = single(itself, key=key)
        if kind == "field" or (text == "." and self._peek()[0] == "string"):
            self._at -= kind == "field"
        elif kind == "string":
            node = constant(_unquoted(text))
        elif kind == "number":
            node = constant(float(text) if "." in text else int(text))
        elif kind == "word":
            node = self._call(text, key)
        elif text == "(":
            node = self.pipe(key)
            self._expect(")")
        elif text != ".":
            raise ValueError(f"{text!r} is not supported" if text else "ends where a value is expected")
        return node

    def _call(self, name: str, key: str | None) -> Node:
        if name in CONSTANTS:
            return constant(CONSTANTS[name])
        arguments: list[Node] = []
        if self._take("("):
            arguments.append(self.pipe(key))
            while self._take(";"):
                arguments.append(self.pipe(key))
            self._expect(")")
        if name == "select" and len(arguments) == 1:
            return Node(selected(arguments[0]), arguments[0].needed, key)
        if name in TEXT_TESTS and arguments and all(isinstance(node.constant, str) for node in arguments):
            return text_test(name, [node.constant or "" for node in arguments], key)
        if name == "has" and len(arguments) == 1 and arguments[0].constant:
            return single(lambda value: has(value, arguments[0].constant), plain(arguments[0].constant))
        if name in PLAIN_FUNCTIONS and not arguments:
            return single(PLAIN_FUNCTIONS[name], key=key if name == "ascii_downcase" else None)
        if name in OVER_ALL and len(arguments) <= 1:
            return Node(over_all(name, arguments[0].run if arguments else single(itself).run))
        raise ValueError(f"{name}/{len(arguments)} is not supported")

    def _peek(self, ahead: int = 0) -> tuple[str, str]:
        at = self._at + ahead
        return self._tokens[at] if at < len(self._tokens) else ("", "")

    def _take(self, text: str) -> bool:
        kind, token = self._peek()
        if token != text or kind == "string":
            return False
        self._at += 1
        return True

    def _expect(self, text: str) -> None:
        if not self._take(text):
            raise ValueError(f"{text!r} is missing before {self._peek()[1]!r}")


def _unquoted(text: str) -> str:
    def character(escape: re.Match[str]) -> str:
        if escape[1].startswith("u"):
            return chr(int(escape[1][1:], 16))
        if escape[1] == "(":
            raise ValueError("text with values in it, \\(...), is not supported")
        return _ESCAPES.get(escape[1], escape[1])

    return re.sub(r"\\(u[0-9A-Fa-f]{4}|.)", character, text[1:-1])


_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}
