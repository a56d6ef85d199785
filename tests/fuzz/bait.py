"""For every regular expression we own: text that nearly matches it, one of its repeats pumped up.

That is what makes a careless pattern backtrack for minutes: nested quantifiers, and repeats that can share characters.
"""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from functools import cache
from random import Random
from re import _constants as op  # the parse tree of a pattern has no public door
from re import _parser as parser

import services.diagnosis
import services.logs
import services.problems

MAX_BAIT_CHARS = 60_000  # what of a line is analysed at most, about
_BREAKERS = ("", "!", "\x00", "\n", '"', "]", " ", "\u2028", "é")
_OF_CATEGORY = {
    op.CATEGORY_DIGIT: "7",
    op.CATEGORY_SPACE: " ",
    op.CATEGORY_WORD: "w",
    op.CATEGORY_NOT_DIGIT: "x",
    op.CATEGORY_NOT_SPACE: "y",
    op.CATEGORY_NOT_WORD: "-",
}
_REPEATS = (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT)
_INSIDE = {
    op.BRANCH: lambda value, draw: draw.choice(value[1]),
    op.SUBPATTERN: lambda value, _: value[-1],
    op.ATOMIC_GROUP: lambda value, _: value,
}


@cache
def owned_patterns() -> tuple[re.Pattern, ...]:
    """Every compiled pattern that a module of the engine, the diagnosis or the known problems holds, in a fixed order."""
    found = {}
    for package in (services.logs, services.diagnosis, services.problems):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if module.name.endswith((".__main__", ".warm", ".kernel", ".bulk", ".vectors")):
                continue  # the compiled loops hold no patterns, and take a while to load
            held = [value for _, value in sorted(vars(importlib.import_module(module.name)).items())]
            found |= {(pattern.pattern, pattern.flags): pattern for pattern in _patterns_in(held, 5)}
    return tuple(found.values())


def _patterns_in(value, depth) -> Iterator[re.Pattern]:
    if isinstance(value, re.Pattern):
        yield value
    elif depth and isinstance(value, dict):
        yield from _patterns_in([*value, *value.values()], depth - 1)
    elif depth and isinstance(value, (list, tuple, set, frozenset)):
        for each in value:
            yield from _patterns_in(each, depth - 1)
    elif depth and hasattr(value, "__dataclass_fields__") and not isinstance(value, type):
        yield from _patterns_in([getattr(value, name) for name in value.__dataclass_fields__], depth - 1)


def bait(pattern: re.Pattern, draw: Random, *, max_chars: int = MAX_BAIT_CHARS) -> str:
    """Text that matches up to a point, with one or more repeats of thousands."""
    tree = parser.parse(pattern.pattern, pattern.flags & ~re.DEBUG)
    repeats = draw.choice((50, 2_000, 20_000))
    return _walk(tree, draw, repeats)[:max_chars] + draw.choice(_BREAKERS)


def _walk(tree, draw, repeats) -> str:
    return "".join(_node(kind, value, draw, repeats) for kind, value in tree)


def _node(kind, value, draw, repeats) -> str:
    if kind in _REPEATS:
        return _repeated(*value, draw, repeats)
    if kind in _INSIDE:
        inside = _INSIDE[kind](value, draw)
        return _walk(inside, draw, repeats)
    if kind is op.IN:
        return _one_of(value, draw)
    return {op.LITERAL: lambda: chr(value), op.NOT_LITERAL: lambda: "~", op.ANY: lambda: "a"}.get(kind, str)()


def _repeated(least, most, tree, draw, repeats) -> str:
    body = _walk(tree, draw, max(repeats // 50, 2))
    usual = draw.randint(least, min(most, least + 2))
    times = min(most, repeats) if draw.random() < 0.6 else usual
    return body * min(times, MAX_BAIT_CHARS // max(len(body), 1))


def _one_of(choices, draw) -> str:
    kind, value = draw.choice(choices)
    if kind is op.LITERAL:
        return chr(value)
    if kind is op.RANGE:
        return chr(draw.choice(value))
    return _OF_CATEGORY.get(value, "~")
