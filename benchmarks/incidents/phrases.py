"""The phrasings that the text files of this package hold, by pool."""

from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Phrase:
    """One way to say something: a level's letter, `-` for none; the program that says it, `~` for the service."""

    level: str
    program: str
    text: str
    rest: tuple[str, ...] = ()
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Service:
    """A service and the kinds of line of its ordinary days."""

    name: str
    phrases: tuple[Phrase, ...]


def text_lines(name: str) -> list[str]:
    """The lines of a text file of this package but for its comments."""
    text = (_HERE / f"{name}.txt").read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line.strip() and not line.startswith("#")]


def parsed(line: str) -> tuple[str, Phrase]:
    """(pool or weight, phrase) of a line `first level program | message`."""
    head, text = line.split(" | ", 1)
    first, level, program = head.split(None, 2)
    return first, Phrase(level, program, text)


@cache
def failures(pool: str) -> dict[str, tuple[Phrase, ...]]:
    """The pool's phrasings of every kind of failure."""
    kinds: dict[str, list[Phrase]] = {}
    pool_of_last = ""
    for line in text_lines("failures"):
        if line.startswith("== "):
            kind = kinds.setdefault(line[3:].strip(), [])
        elif not line.startswith("+"):
            pool_of_last, phrase = parsed(line)
            if pool_of_last == pool:
                kind.append(phrase)
        elif pool_of_last == pool:
            kind[-1] = replace(kind[-1], rest=(*kind[-1].rest, line[1:]))
    return {name: tuple(phrases) for name, phrases in kinds.items() if phrases}


@cache
def consequences(pool: str) -> tuple[Phrase, ...]:
    """What those behind a failure say."""
    return tuple(phrase for of_pool, phrase in map(parsed, text_lines("consequences")) if of_pool == pool)


@cache
def one_offs(pool: str, *, of_services: bool) -> tuple[Phrase, ...]:
    """What is said once in a while, by services or by the parts of a distributed system, and means nothing."""
    phrases = (phrase for of_pool, phrase in map(parsed, text_lines("one_offs")) if of_pool == pool)
    return tuple(phrase for phrase in phrases if (phrase.program == "~") is of_services)


@cache
def services(pool: str) -> tuple[Service, ...]:
    """The pool's services with their ordinary lines."""
    found: list[tuple[str, str, list[Phrase]]] = []
    for line in text_lines("ordinary"):
        if line.startswith("== "):
            of_pool, name = line[3:].split()
            found.append((of_pool, name, []))
        else:
            weight, phrase = parsed(line)
            found[-1][2].append(replace(phrase, weight=float(weight)))
    return tuple(Service(name, tuple(phrases)) for of_pool, name, phrases in found if of_pool == pool)


@cache
def calls(pool: str) -> dict[str, tuple[Phrase, ...]]:
    """The pool's phrasings of what services say that call one another, by kind."""
    kinds: dict[str, list[Phrase]] = {}
    for of_pool, phrase in map(parsed, text_lines("calls")):
        if of_pool == pool:
            kinds.setdefault(phrase.program, []).append(phrase)
    return {name: tuple(phrases) for name, phrases in kinds.items()}
