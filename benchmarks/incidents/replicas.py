"""Runs of distributed systems that fail, each with a good run that has its own harmless exceptions."""

import random
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache

from benchmarks.incidents.case import Case, Event, Label
from benchmarks.incidents.drawing import Values
from benchmarks.incidents.forms import Form, written
from benchmarks.incidents.ordinary_days import draw_span, rare_events, told
from benchmarks.incidents.phrases import Phrase, parsed, text_lines

_SPREAD_SECONDS = 60.0
_RUN_SECONDS = (240, 1500)
_LINES = (1500, 8000)
_LUCKIER_SHARE = 0.5
_LEVELS = {"D": "DEBUG", "I": "INFO", "W": "WARN", "E": "ERROR", "F": "FATAL"}


@dataclass(frozen=True, slots=True)
class Step:
    """Something said so many times, from a second after the failure began."""

    second: float
    times: int
    phrase: Phrase
    is_root: bool


@dataclass(slots=True)
class System:
    """A system: what it says in any run, and the steps of each of its failures."""

    name: str
    ordinary: list[Phrase] = field(default_factory=list)
    failures: dict[str, list[Step]] = field(default_factory=dict)


@cache
def systems(pool: str) -> tuple[System, ...]:
    """The pool's systems."""
    found: list[tuple[str, System]] = []
    for line in text_lines("clusters"):
        if line.startswith("== "):
            of_pool, name = line[3:].split()
            found.append((of_pool, System(name)))
        else:
            _take(found[-1][1], line)
    return tuple(system for of_pool, system in found if of_pool == pool)


def _take(system: System, line: str) -> None:
    steps = system.failures[next(reversed(system.failures))] if system.failures else None
    if line.startswith("-- "):
        system.failures[line[3:]] = []
    elif line.startswith("+"):
        _extend(system, steps, line[1:])
    elif steps is None:
        weight, phrase = parsed(line)
        system.ordinary.append(replace(phrase, weight=float(weight)))
    else:
        steps.append(_step(line))


def _extend(system: System, steps: list[Step] | None, text: str) -> None:
    """One line more behind the phrase that was read last."""
    if steps is None:
        system.ordinary[-1] = replace(system.ordinary[-1], rest=(*system.ordinary[-1].rest, text))
    else:
        last = steps[-1].phrase
        steps[-1] = replace(steps[-1], phrase=replace(last, rest=(*last.rest, text)))


def _step(line: str) -> Step:
    when, phrase = parsed(line)
    second, _, times = when.partition("x")
    plain = replace(phrase, level=phrase.level.rstrip("*"))
    return Step(float(second), int(times or 1), plain, is_root=phrase.level.endswith("*"))


def replica_case(pool: str, index: int) -> Case:
    """The `index`-th failing run of the pool: failures in turn, all else drawn."""
    draw = random.Random(f"replica {pool} {index}")
    every = [(system, name) for system in systems(pool) for name in system.failures]
    system, failure = every[index % len(every)]
    start, lasts = draw_span(draw)[0], draw.uniform(*_RUN_SECONDS)
    form, count = _form(draw, system), draw.randrange(*_LINES)
    began = start + lasts * draw.uniform(0.3, 0.9)
    events = _ordinary(draw, pool, system, (start, start + lasts), count)
    events += _failing(draw, system.failures[failure], began)
    text, roots = written(sorted(events, key=lambda event: event.at), form)
    good_start = start - draw.uniform(2000, 90_000)
    good_span = good_start, good_start + draw.uniform(*_RUN_SECONDS)
    good, _ = written(_ordinary(draw, pool, _luckier(draw, system), good_span, count), form)
    name = f"{system.name}.log"
    label = Label(failure=failure, cause_lines={name: roots}, onset=began)
    return Case(f"replica-{pool}-{index:03d}-{system.name}-{failure.replace(' ', '-')}", {name: text}, label, good)


def _luckier(draw: random.Random, system: System) -> System:
    """The system in a run that, half of the time, lacks one of the harmless troubles that the failing one has."""
    troubles = [phrase for phrase in system.ordinary if phrase.level in "WE"]
    missing = draw.choice(troubles) if draw.random() < _LUCKIER_SHARE else None
    return replace(system, ordinary=[phrase for phrase in system.ordinary if phrase is not missing])


def _ordinary(draw: random.Random, pool: str, system: System, span: tuple[float, float], count: int) -> list[Event]:
    """What the system says in any run, in order of time."""
    values, weights = Values(draw), [phrase.weight for phrase in system.ordinary]
    phrases = draw.choices(system.ordinary, weights, k=count)
    events = [told(phrase, draw.uniform(*span), values) for phrase in phrases]
    return sorted([*events, *rare_events(draw, pool, span, of_services=False)], key=lambda event: event.at)


def _failing(draw: random.Random, steps: list[Step], began: float) -> list[Event]:
    values, events = Values.of_a_case(draw), []
    for step in steps:
        first = began + step.second
        times = [first, *(first + draw.random() * _SPREAD_SECONDS for _ in range(step.times - 1))]
        events += [told(step.phrase, at, values, is_cause=step.is_root) for at in times]
    return events


def _form(draw: random.Random, system: System) -> Form:
    """A form of line in which the nodes of a system share a file."""
    nodes = [f"{system.name}{number}" for number in range(1, draw.randrange(4, 7))]
    write = draw.choice((_bracketed, _classic, _tabled))

    def form(event: Event) -> list[str]:
        when = datetime.fromtimestamp(event.at, UTC)
        stamp = f"{when:%Y-%m-%d %H:%M:%S},{when.microsecond // 1000:03d}"
        place = f"{draw.choice(nodes)}/worker-{draw.randrange(12)}"
        return [write(stamp, _LEVELS[event.level], place, event.program, event.message), *event.rest]

    return form


def _bracketed(stamp: str, level: str, place: str, logger: str, message: str) -> str:
    return f"{stamp} {level:5s} [{place}] {logger}: {message}"


def _classic(stamp: str, level: str, place: str, logger: str, message: str) -> str:
    return f"{stamp} [{place}] {level:5s} server.{logger} ({logger}.java:{len(logger) * 37}) - {message}"


def _tabled(stamp: str, level: str, place: str, logger: str, message: str) -> str:
    return f"{place.partition('/')[0]:9s} {stamp} - {level:5s} - [{place.partition('/')[2]}:{logger}] - {message}"
