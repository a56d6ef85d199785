"""Processes that die: killed, out of memory, started again and again."""

import math
from collections.abc import Sequence

from services.diagnosis.file_scene import FileScene, Kind
from services.diagnosis.gated_patterns import PatternTable, Wording, gated
from services.diagnosis.participants import Participant
from services.diagnosis.rates import BINS
from services.diagnosis.scene import MAX_STRENGTH, Scene, Signal, at

_TABLE = PatternTable(
    {
        "start": gated(
            "start boot listening initializ launch ready",
            r"(?i)^\W*(?:[\w.-]+:? )?(?:starting(?: up)?\b|started\b.{0,60}\b(?:in|on|version)\b|boot(?:ing|ed)\b|"
            r"initiali[sz]ing\b|launching\b|(?:now )?listening on\b|server ready)",
        ),
        "death": gated(
            "oom memory: killed back-off crashloop exit signal dumped segfault segmentation",
            r"(?i)\boom-?kill(?:ed|er)?\b|\bout of memory: kill|\bkilled process\b|\bback-off restarting\b|\bcrashloop|"
            r"\bexit(?:ed)?\b.{0,30}\b(?:code|status)\W{0,3}(?:137|139|134|<\*>)|"
            r"\b(?:killed by|terminated (?:by|on)|received|on) signal <?[\w*>]|\bcore dumped\b|\bsegfault\b|"
            r"\bsegmentation fault\b",
        ),
    }
)
# Once is a deploy, twice a rollback; the third time it does not get up.
_MIN_STARTS = 3
# What starts all day long (sessions, jobs) is no process that dies: the starts have to crowd.
_OPENING_BINS = BINS // 20
_MIN_DEATH_STRENGTH = 2.0
_MAX_SIGNALS = 3


def crash_loops(scene: Scene) -> list[Signal]:
    """For each participant: the start that recurs, else what tells that a process died."""
    signals = [signal for one in scene.participants if (signal := _loop(one) or _death(one))]
    return sorted(signals, key=lambda signal: (-signal.strength, signal.ref))[:_MAX_SIGNALS]


def _named(file: FileScene, kinds: Sequence[Kind], name: str) -> list[Kind]:
    return [kind for kind in kinds if name in _TABLE.names_in(Wording.of(_skeleton(file, kind)))]


def _skeleton(file: FileScene, kind: Kind) -> str:
    return file.scan.shapes[kind.shapes[0]].skeleton[:300]


def _loop(one: Participant) -> Signal | None:
    """A start that was not there, or once at the opening, then came again and again."""
    file = one.scene
    recurring = [
        (sum(counts[_OPENING_BINS:]), kind)
        for kind in _named(file, one.kinds, "start")
        if sum((counts := file.counts(kind))[_OPENING_BINS:]) >= _MIN_STARTS and _crowds(counts)
    ]
    if not recurring:
        return None
    starts, kind = max(recurring, key=lambda item: (item[0], -item[1].first_line))
    line = file.rates.first_line_since(kind.number, _OPENING_BINS)
    line = kind.first_line if line is None else line
    second = file.second_of(line)
    deaths = [kind.first_line for kind in _named(file, one.kinds, "death")]
    return Signal(
        kind="crash loop",
        ref=file.ref(min(deaths) if deaths else line),
        strength=min(MAX_STRENGTH, 1 + math.log2(starts)),
        second=second,
        title=f"{one.name} started {starts} times over{at(second)}",
        summary=f"“{file.text(kind)[:80]}” came {sum(file.counts(kind))} times, {starts} of them behind the opening.",
        context=(file.ref(line),) if deaths else (),
        component=one.name,
    )


def _crowds(counts: Sequence[int]) -> bool:
    """Whether there is nothing of it in the first third behind the opening, or most of it in one third."""
    third = len(counts) // 3
    quiet = not any(counts[_OPENING_BINS:third])
    return quiet or max(sum(counts[place : place + third]) for place in range(len(counts) - third)) > 0.8 * sum(counts)


def _death(one: Participant) -> Signal | None:
    """What was told of a process' death that was not told all along."""
    file = one.scene
    deaths = [
        kind
        for kind in _named(file, one.kinds, "death")
        if kind.is_abnormal and not any(file.counts(kind)[:_OPENING_BINS])
    ]
    if not deaths:
        return None
    kind = min(deaths, key=lambda kind: kind.first_line)
    count, second = sum(kind.count for kind in deaths), file.second_of(kind.first_line)
    return Signal(
        kind="death",
        ref=file.ref(kind.first_line),
        strength=min(MAX_STRENGTH, _MIN_DEATH_STRENGTH + math.log2(count)),
        second=second,
        title=f"A process of {one.name} died{at(second)}",
        summary=f"{count} lines tell of it, none in the opening of the log.",
        component=kind.component or one.name,
    )
