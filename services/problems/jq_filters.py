"""What the parts of a jq query do: filters, which turn a value into a stream of values, and how they combine.

Source of the semantics: the jq 1.7 manual.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from services.problems.patterns import compile_pattern, literal

Stream = Iterator[Any]
Filter = Callable[[Any], Stream]

# Of one stream: a query may not be kept busy by a line of many values.
MAX_OUTPUTS = 1_000
# What JSON writes as it stands: only such a text must be found in every line that holds it.
_PLAIN = re.compile(r"[ !#-%'-.0-;=?-\[\]-~]+")


class QueryError(Exception):
    """A value that a filter cannot take; jq stops there, and the line does not match."""


@dataclass(frozen=True, slots=True)
class Node:
    """A compiled part. needed: one of these patterns is in every line for which it is true; empty if none is known.

    key: the field that it gives as it stands, or in small letters; None for anything worked out. one: gives the only
    output of a part that always has just one, which is much cheaper than a stream of one.
    """

    run: Filter
    needed: frozenset[str] = frozenset()
    key: str | None = None
    constant: str | None = None
    one: Callable[[Any], Any] | None = None


CONSTANTS: dict[str, bool | None] = {"true": True, "false": False, "null": None}
# The order of types: null, booleans, numbers, strings, arrays, objects.
_RANKS: dict[type, int] = {type(None): 0, bool: 1, int: 2, float: 2, str: 3, list: 4, dict: 5}


def _rank(value: Any) -> int:
    return _RANKS[type(value)]


def _is_less(left: Any, right: Any) -> bool:
    if _rank(left) != _rank(right):
        return _rank(left) < _rank(right)
    if isinstance(left, (list, dict)):
        raise QueryError
    return left is not None and bool(left < right)


def _is_equal(left: Any, right: Any) -> bool:
    return _rank(left) == _rank(right) and bool(left == right)


COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "==": _is_equal,
    "!=": lambda left, right: not _is_equal(left, right),
    "<=": lambda left, right: not _is_less(right, left),
    ">=": lambda left, right: not _is_less(left, right),
    "<": _is_less,
    ">": lambda left, right: _is_less(right, left),
}


def is_true(value: Any) -> bool:
    return value is not None and value is not False


def itself(value: Any) -> Any:
    return value


def single(function: Callable[[Any], Any], needed: frozenset[str] = frozenset(), key: str | None = None) -> Node:
    """A part with one output for each value."""
    return Node(mapped(function), needed, key, one=function)


def constant(value: Any) -> Node:
    return replace(single(lambda _: value), constant=value if isinstance(value, str) else None)


def plain(text: str | None) -> frozenset[str]:
    """The pattern of a text that every line must hold; none for what JSON may write otherwise."""
    return frozenset((literal(text),)) if text and _PLAIN.fullmatch(text) else frozenset()


def _pair(key: str | None, text: str) -> frozenset[str]:
    """The pattern of a field with a text."""
    if not plain(key) or not plain(text):
        return plain(key)
    return frozenset((rf'"{literal(key or "")}"\s*:\s*"{literal(text)}"',))


def field(node: Node, name: str) -> Node:
    inner = node.one
    if inner is not None:
        return single(lambda value: _member(inner(value), name), plain(name), name)
    return Node(chained(node.run, mapped(lambda value: _member(value, name))), plain(name), name)


def _member(value: Any, name: str) -> Any:
    if value is None:
        return None
    if not isinstance(value, dict):
        raise QueryError
    return value.get(name)


def elements(value: Any) -> Stream:
    if not isinstance(value, (list, dict)):
        raise QueryError
    return iter(value.values() if isinstance(value, dict) else value)


def element(index: int) -> Filter:
    def run(value: Any) -> Stream:
        if value is not None and not isinstance(value, list):
            raise QueryError
        yield value[index] if value and -len(value) <= index < len(value) else None

    return run


def has(value: Any, name: str | None) -> bool:
    if not isinstance(value, dict):
        raise QueryError
    return name in value


def mapped(function: Callable[[Any], Any]) -> Filter:
    def run(value: Any) -> Stream:
        yield function(value)

    return run


def chained(first: Filter, second: Filter) -> Filter:
    def run(value: Any) -> Stream:
        for output in islice(first(value), MAX_OUTPUTS):
            yield from second(output)

    return run


def tried(filter_: Filter) -> Filter:
    def run(value: Any) -> Stream:
        try:
            yield from filter_(value)
        except QueryError:
            return

    return run


def piped(left: Node, right: Node) -> Node:
    first, second = left.one, right.one
    if first is not None and second is not None:
        return single(lambda value: second(first(value)), right.needed, right.key)
    return Node(chained(left.run, right.run), right.needed, right.key, right.constant)


def either(left: Node, right: Node, combine: Callable[[Filter, Filter], Filter]) -> Node:
    needed = left.needed | right.needed if left.needed and right.needed else frozenset[str]()
    return Node(combine(left.run, right.run), needed)


def both_streams(left: Filter, right: Filter) -> Filter:
    def run(value: Any) -> Stream:
        yield from left(value)
        yield from right(value)

    return run


def first_true(left: Filter, right: Filter) -> Filter:
    def run(value: Any) -> Stream:
        found = [output for output in islice(tried(left)(value), MAX_OUTPUTS) if is_true(output)]
        yield from found or right(value)

    return run


def any_true(left: Filter, right: Filter) -> Filter:
    def run(value: Any) -> Stream:
        for output in left(value):
            if is_true(output):
                yield True
            else:
                yield from map(is_true, right(value))

    return run


def _both_true(left: Filter, right: Filter) -> Filter:
    def run(value: Any) -> Stream:
        for output in left(value):
            if is_true(output):
                yield from map(is_true, right(value))
            else:
                yield False

    return run


def conjunction(left: Node, right: Node) -> Node:
    needed, first, second = left.needed or right.needed, left.one, right.one
    if first is not None and second is not None:
        return single(lambda value: is_true(first(value)) and is_true(second(value)), needed)
    return Node(_both_true(left.run, right.run), needed)


def compared(left: Node, sign: str, right: Node) -> Node:
    compare = COMPARISONS[sign]

    def run(value: Any) -> Stream:
        for second in right.run(value):
            for first in left.run(value):
                yield compare(first, second)

    pairs = ((left, right), (right, left)) if sign == "==" else ()
    needed = next((_pair(other.key, one.constant) for one, other in pairs if one.constant and other.key), frozenset())
    one, other_one = left.one, right.one
    if one is not None and other_one is not None:
        return single(lambda value: compare(one(value), other_one(value)), needed)
    return Node(run, needed)


def selected(condition: Node) -> Filter:
    one = condition.one

    def run(value: Any) -> Stream:
        for output in (one(value),) if one is not None else condition.run(value):
            if is_true(output):
                yield value

    return run


def text_test(name: str, arguments: list[str], key: str | None) -> Node:
    check = TEXT_TESTS[name](*arguments)

    def tested(value: Any) -> bool:
        if not isinstance(value, str):
            raise QueryError
        return check(value)

    return single(tested, plain(key if name == "test" else arguments[0]) if key else frozenset())


def _test(pattern: str, flags: str = "") -> Callable[[str], bool]:
    if unknown := set(flags) - set("ixs"):
        raise ValueError(f"test's flag {min(unknown)!r} is not supported")
    if "x" in flags:
        raise ValueError("test's flag 'x' is not supported")
    compiled = compile_pattern(f"(?{flags}:{pattern})" if flags else pattern)
    return lambda text: compiled.search(text) is not None


TEXT_TESTS: dict[str, Callable[..., Callable[[str], bool]]] = {
    "test": _test,
    "contains": lambda part: lambda text: part in text,
    "startswith": lambda head: lambda text: text.startswith(head),
    "endswith": lambda tail: lambda text: text.endswith(tail),
}
OVER_ALL = ("any", "all")


def over_all(name: str, condition: Filter) -> Filter:
    combine = any if name == "any" else all

    def run(value: Any) -> Stream:
        yield combine(is_true(output) for element in elements(value) for output in condition(element))

    return run


def _length(value: Any) -> Any:
    if isinstance(value, bool):
        raise QueryError
    return 0 if value is None else abs(value) if isinstance(value, (int, float)) else len(value)


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        raise QueryError from None


def _lowered(value: Any) -> str:
    if not isinstance(value, str):
        raise QueryError
    return value.lower()


_TYPE_NAMES = ("null", "boolean", "number", "string", "array", "object")
PLAIN_FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "not": lambda value: not is_true(value),
    "length": _length,
    "tonumber": _number,
    "tostring": lambda value: value if isinstance(value, str) else json.dumps(value, separators=(",", ":")),
    "ascii_downcase": _lowered,
    "type": lambda value: _TYPE_NAMES[_rank(value)],
}
