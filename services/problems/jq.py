"""The part of jq that rules ask of one JSON line: paths, comparisons, `select`, `test` and the like.

What jq can do beyond it (definitions, loops, arithmetic, variables) is refused by name, so that no rule can keep
the matcher busy: a query walks its line, and streams are cut off.
Source of the semantics: the jq 1.7 manual.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from services.problems.patterns import compile_pattern

Stream = Iterator[Any]
Filter = Callable[[Any], Stream]

_MAX_OUTPUTS = 1_000
_MAX_QUERY_CHARS = 2_000
_TOKEN = re.compile(
    r"""\s*(?:(?P<string>"(?:[^"\\]|\\.)*")|(?P<number>-?\d+(?:\.\d+)?)|(?P<field>\.[A-Za-z_]\w*)
       |(?P<word>[A-Za-z_]\w*)|(?P<sign>==|!=|<=|>=|//|[<>|,;()\[\].?])|(?P<other>\S))""",
    re.VERBOSE,
)
# What JSON writes as it stands: only such a text must be found in every line that holds it.
_PLAIN = re.compile(r"[ !#-%'-.0-;=?-\[\]-~]+")


class _QueryError(Exception):
    """A value that a filter cannot take; jq stops there, and the line does not match."""


@dataclass(frozen=True, slots=True)
class _Node:
    """A compiled part. needed: one of these texts is in every line for which it is true; empty if none is known.

    key: the field that it gives as it stands, or in small letters; None for anything worked out. one: gives the only
    output of a part that always has just one, which is much cheaper than a stream of one.
    """

    run: Filter
    needed: frozenset[str] = frozenset()
    key: str | None = None
    constant: str | None = None
    one: Callable[[Any], Any] | None = None


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed query.

    needed: at least one of these texts, in whatever case, is in every line that matches; empty if none is known.
    """

    needed: frozenset[str]
    _run: Filter

    def matches(self, entry: Any) -> bool:
        """Whether the query gives anything but null and false."""
        try:
            return any(output is not None and output is not False for output in islice(self._run(entry), _MAX_OUTPUTS))
        except (_QueryError, RecursionError):
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

    def pipe(self, key: str | None) -> _Node:
        node = self._comma(key)
        while self._take("|"):
            node = _piped(node, self._comma(node.key))
        return node

    def _comma(self, key: str | None) -> _Node:
        node = self._alternative(key)
        while self._take(","):
            node = _either(node, self._alternative(key), _both_streams)
        return node

    def _alternative(self, key: str | None) -> _Node:
        node = self._or(key)
        while self._take("//"):
            node = _either(node, self._or(key), _first_true)
        return node

    def _or(self, key: str | None) -> _Node:
        node = self._and(key)
        while self._take("or"):
            node = _either(node, self._and(key), _any_true)
        return node

    def _and(self, key: str | None) -> _Node:
        node = self._comparison(key)
        while self._take("and"):
            other = self._comparison(key)
            node = _conjunction(node, other)
        return node

    def _comparison(self, key: str | None) -> _Node:
        node = self._postfix(key)
        for sign in _COMPARISONS:
            if self._take(sign):
                return _compared(node, sign, self._postfix(key))
        return node

    def _postfix(self, key: str | None) -> _Node:
        node = self._primary(key)
        while True:
            kind, text = self._peek()
            if kind == "field":
                self._at += 1
                node = _field(node, text[1:])
            elif kind == "string" and self._tokens[self._at - 1][1] == ".":
                self._at += 1
                node = _field(node, _unquoted(text))
            elif text == "[":
                self._at += 1
                node = self._bracket(node)
            elif text == "?":
                self._at += 1
                node = _Node(_tried(node.run), node.needed, node.key)
            elif text == "." and self._peek(1)[0] == "string":
                self._at += 1
            else:
                return node

    def _bracket(self, node: _Node) -> _Node:
        kind, text = self._peek()
        if self._take("]"):
            return _Node(_chained(node.run, _elements), node.needed, node.key)
        self._at += 1
        self._expect("]")
        if kind == "string":
            return _field(node, _unquoted(text))
        if kind == "number" and text.lstrip("-").isdigit():
            return _Node(_chained(node.run, _element(int(text))), node.needed, node.key)
        raise ValueError(f"[{text}] is not supported")

    def _primary(self, key: str | None) -> _Node:
        kind, text = self._peek()
        self._at += 1
        node = _single(_itself, key=key)
        if kind == "field" or (text == "." and self._peek()[0] == "string"):
            self._at -= kind == "field"
        elif kind == "string":
            node = _constant(_unquoted(text))
        elif kind == "number":
            node = _constant(float(text) if "." in text else int(text))
        elif kind == "word":
            node = self._call(text, key)
        elif text == "(":
            node = self.pipe(key)
            self._expect(")")
        elif text != ".":
            raise ValueError(f"{text!r} is not supported" if text else "ends where a value is expected")
        return node

    def _call(self, name: str, key: str | None) -> _Node:
        if name in _CONSTANTS:
            return _constant(_CONSTANTS[name])
        arguments: list[_Node] = []
        if self._take("("):
            arguments.append(self.pipe(key))
            while self._take(";"):
                arguments.append(self.pipe(key))
            self._expect(")")
        if name == "select" and len(arguments) == 1:
            return _Node(_selected(arguments[0]), arguments[0].needed, key)
        if name in _TEXT_TESTS and arguments and all(isinstance(node.constant, str) for node in arguments):
            return _text_test(name, [node.constant or "" for node in arguments], key)
        if name == "has" and len(arguments) == 1 and arguments[0].constant:
            return _single(lambda value: _has(value, arguments[0].constant), _plain(arguments[0].constant))
        if name in _PLAIN_FUNCTIONS and not arguments:
            return _single(_PLAIN_FUNCTIONS[name], key=key if name == "ascii_downcase" else None)
        if name in _OVER_ALL and len(arguments) <= 1:
            return _Node(_over_all(name, arguments[0].run if arguments else _identity))
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


_CONSTANTS: dict[str, bool | None] = {"true": True, "false": False, "null": None}
# The order of types: null, booleans, numbers, strings, arrays, objects.
_RANKS: dict[type, int] = {type(None): 0, bool: 1, int: 2, float: 2, str: 3, list: 4, dict: 5}


def _rank(value: Any) -> int:
    return _RANKS[type(value)]


def _is_less(left: Any, right: Any) -> bool:
    if _rank(left) != _rank(right):
        return _rank(left) < _rank(right)
    if isinstance(left, (list, dict)):
        raise _QueryError
    return left is not None and bool(left < right)


def _is_equal(left: Any, right: Any) -> bool:
    return _rank(left) == _rank(right) and bool(left == right)


_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "==": _is_equal,
    "!=": lambda left, right: not _is_equal(left, right),
    "<=": lambda left, right: not _is_less(right, left),
    ">=": lambda left, right: not _is_less(left, right),
    "<": _is_less,
    ">": lambda left, right: _is_less(right, left),
}


def _is_true(value: Any) -> bool:
    return value is not None and value is not False


def _identity(value: Any) -> Stream:
    yield value


def _itself(value: Any) -> Any:
    return value


def _single(function: Callable[[Any], Any], needed: frozenset[str] = frozenset(), key: str | None = None) -> _Node:
    """A part with one output for each value."""
    return _Node(_mapped(function), needed, key, one=function)


def _constant(value: Any) -> _Node:
    return replace(_single(lambda _: value), constant=value if isinstance(value, str) else None)


def _plain(text: str | None) -> frozenset[str]:
    return frozenset((text,)) if text and _PLAIN.fullmatch(text) else frozenset()


def _field(node: _Node, name: str) -> _Node:
    inner = node.one
    if inner is not None:
        return _single(lambda value: _member(inner(value), name), _plain(name), name)
    return _Node(_chained(node.run, _mapped(lambda value: _member(value, name))), _plain(name), name)


def _member(value: Any, name: str) -> Any:
    if value is None:
        return None
    if not isinstance(value, dict):
        raise _QueryError
    return value.get(name)


def _elements(value: Any) -> Stream:
    if not isinstance(value, (list, dict)):
        raise _QueryError
    return iter(value.values() if isinstance(value, dict) else value)


def _element(index: int) -> Filter:
    def run(value: Any) -> Stream:
        if value is not None and not isinstance(value, list):
            raise _QueryError
        yield value[index] if value and -len(value) <= index < len(value) else None

    return run


def _has(value: Any, name: str | None) -> bool:
    if not isinstance(value, dict):
        raise _QueryError
    return name in value


def _mapped(function: Callable[[Any], Any]) -> Filter:
    def run(value: Any) -> Stream:
        yield function(value)

    return run


def _chained(first: Filter, second: Filter) -> Filter:
    def run(value: Any) -> Stream:
        for output in islice(first(value), _MAX_OUTPUTS):
            yield from second(output)

    return run


def _tried(filter_: Filter) -> Filter:
    def run(value: Any) -> Stream:
        try:
            yield from filter_(value)
        except _QueryError:
            return

    return run


def _piped(left: _Node, right: _Node) -> _Node:
    first, second = left.one, right.one
    if first is not None and second is not None:
        return _single(lambda value: second(first(value)), right.needed, right.key)
    return _Node(_chained(left.run, right.run), right.needed, right.key, right.constant)


def _either(left: _Node, right: _Node, combine: Callable[[Filter, Filter], Filter]) -> _Node:
    needed = left.needed | right.needed if left.needed and right.needed else frozenset[str]()
    return _Node(combine(left.run, right.run), needed)


def _both_streams(left: Filter, right: Filter) -> Filter:
    def run(value: Any) -> Stream:
        yield from left(value)
        yield from right(value)

    return run


def _first_true(left: Filter, right: Filter) -> Filter:
    def run(value: Any) -> Stream:
        found = [output for output in islice(_tried(left)(value), _MAX_OUTPUTS) if _is_true(output)]
        yield from found or right(value)

    return run


def _any_true(left: Filter, right: Filter) -> Filter:
    def run(value: Any) -> Stream:
        for output in left(value):
            if _is_true(output):
                yield True
            else:
                yield from map(_is_true, right(value))

    return run


def _both_true(left: Filter, right: Filter) -> Filter:
    def run(value: Any) -> Stream:
        for output in left(value):
            if _is_true(output):
                yield from map(_is_true, right(value))
            else:
                yield False

    return run


def _conjunction(left: _Node, right: _Node) -> _Node:
    needed, first, second = left.needed or right.needed, left.one, right.one
    if first is not None and second is not None:
        return _single(lambda value: _is_true(first(value)) and _is_true(second(value)), needed)
    return _Node(_both_true(left.run, right.run), needed)


def _compared(left: _Node, sign: str, right: _Node) -> _Node:
    compare = _COMPARISONS[sign]

    def run(value: Any) -> Stream:
        for second in right.run(value):
            for first in left.run(value):
                yield compare(first, second)

    pairs = ((left, right), (right, left)) if sign == "==" else ()
    needed = next((_plain(one.constant) for one, other in pairs if one.constant and other.key), frozenset[str]())
    one, other_one = left.one, right.one
    if one is not None and other_one is not None:
        return _single(lambda value: compare(one(value), other_one(value)), needed)
    return _Node(run, needed)


def _selected(condition: _Node) -> Filter:
    one = condition.one

    def run(value: Any) -> Stream:
        for output in (one(value),) if one is not None else condition.run(value):
            if _is_true(output):
                yield value

    return run


def _text_test(name: str, arguments: list[str], key: str | None) -> _Node:
    check = _TEXT_TESTS[name](*arguments)

    def tested(value: Any) -> bool:
        if not isinstance(value, str):
            raise _QueryError
        return check(value)

    return _single(tested, _plain(key if name == "test" else arguments[0]) if key else frozenset())


def _test(pattern: str, flags: str = "") -> Callable[[str], bool]:
    if unknown := set(flags) - set("ixs"):
        raise ValueError(f"test's flag {min(unknown)!r} is not supported")
    if "x" in flags:
        raise ValueError("test's flag 'x' is not supported")
    compiled = compile_pattern(f"(?{flags}:{pattern})" if flags else pattern)
    return lambda text: compiled.search(text) is not None


_TEXT_TESTS: dict[str, Callable[..., Callable[[str], bool]]] = {
    "test": _test,
    "contains": lambda part: lambda text: part in text,
    "startswith": lambda head: lambda text: text.startswith(head),
    "endswith": lambda tail: lambda text: text.endswith(tail),
}
_OVER_ALL = ("any", "all")


def _over_all(name: str, condition: Filter) -> Filter:
    combine = any if name == "any" else all

    def run(value: Any) -> Stream:
        yield combine(_is_true(output) for element in _elements(value) for output in condition(element))

    return run


def _length(value: Any) -> Any:
    if isinstance(value, bool):
        raise _QueryError
    return 0 if value is None else abs(value) if isinstance(value, (int, float)) else len(value)


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        raise _QueryError from None


def _lowered(value: Any) -> str:
    if not isinstance(value, str):
        raise _QueryError
    return value.lower()


_TYPE_NAMES = ("null", "boolean", "number", "string", "array", "object")
_PLAIN_FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "not": lambda value: not _is_true(value),
    "length": _length,
    "tonumber": _number,
    "tostring": lambda value: value if isinstance(value, str) else json.dumps(value, separators=(",", ":")),
    "ascii_downcase": _lowered,
    "type": lambda value: _TYPE_NAMES[_rank(value)],
}


def _unquoted(text: str) -> str:
    def character(escape: re.Match[str]) -> str:
        if escape[1].startswith("u"):
            return chr(int(escape[1][1:], 16))
        if escape[1] == "(":
            raise ValueError("text with values in it, \\(...), is not supported")
        return _ESCAPES.get(escape[1], escape[1])

    return re.sub(r"\\(u[0-9A-Fa-f]{4}|.)", character, text[1:-1])


_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}
