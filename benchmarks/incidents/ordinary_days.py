"""Hours of a service at work: its lines over a load that rises and falls, with the noise that is there all day."""

import math
import random
from collections.abc import Iterator
from datetime import UTC, datetime

from benchmarks.incidents.case import Event
from benchmarks.incidents.drawing import Values
from benchmarks.incidents.phrases import Phrase, Service, one_offs

_FIRST_DAY = datetime(2026, 2, 2, tzinfo=UTC).timestamp()
_HOUR_SECONDS = 3600


def draw_span(draw: random.Random) -> tuple[float, float]:
    """(first, last) moment of a log of one to thirty hours."""
    start = _FIRST_DAY + draw.randrange(60 * 24) * _HOUR_SECONDS + draw.random() * _HOUR_SECONDS
    return start, start + draw.choice((1, 3, 8, 12, 30)) * _HOUR_SECONDS


def moments(draw: random.Random, span: tuple[float, float], count: int) -> list[float]:
    """`count` moments in order, more of them by day than by night."""
    start, end = span
    phase, depth = draw.random() * 2 * math.pi, draw.uniform(0.1, 0.6)
    found: list[float] = []
    while len(found) < count:
        at = draw.uniform(start, end)
        if draw.random() * (1 + depth) < 1 + depth * math.sin(at * 2 * math.pi / (24 * _HOUR_SECONDS) + phase):
            found.append(at)
    return sorted(found)


def ordinary_events(draw: random.Random, service: Service, times: list[float]) -> Iterator[Event]:
    """What the service logs at those moments when nothing is wrong."""
    values = Values(draw)
    weights = [phrase.weight for phrase in service.phrases]
    for at, phrase in zip(times, draw.choices(service.phrases, weights, k=len(times)), strict=True):
        yield told(phrase, at, values)


def rare_events(
    draw: random.Random, pool: str, span: tuple[float, float], *, of_services: bool = True, most: int = 10
) -> Iterator[Event]:
    """Some kinds of line, three in ten of the most at least, that come once or twice and mean nothing."""
    values = Values(draw)
    for phrase in draw.sample(one_offs(pool, of_services=of_services), draw.randrange(most * 3 // 10, most + 1)):
        for _ in range(draw.choice((1, 1, 2))):
            yield told(phrase, draw.uniform(*span), values)


def told(phrase: Phrase, at: float, values: Values, *, is_cause: bool = False) -> Event:
    """The phrase with its values, at that moment."""
    rest = tuple(line.format_map(values) for line in phrase.rest)
    program = phrase.program.format_map(values)
    return Event(at, phrase.level, program, phrase.text.format_map(values), rest, is_cause=is_cause)
