"""What beat regularly and stopped: a heartbeat, a whole service.

A line not written is evidence that no search for words finds.
"""

import math
from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from services.diagnosis.file_scene import FileScene, Kind
from services.diagnosis.participants import Participant
from services.diagnosis.rates import BINS
from services.diagnosis.scene import MAX_STRENGTH, Scene, Signal, at
from services.logs.columns import lines_of

_MIN_BEATS = 5
# Four beats in a row do not fail by chance.
_SILENT_INTERVALS = 4
# What was written over less of the time was a phase (a start, a job), and phases end.
_MIN_SPAN = 0.25
_REGULAR_SHARE = 0.8
_REGULAR_WITHIN = 0.3
_WHOLE_SECOND = 1
# Beyond it a heartbeat is no more told from traffic; fifty kinds tell enough.
_MAX_BEATS, _MAX_KINDS = 5_000, 50
# The others have to go on: so much of what they wrote before.
_OTHERS_GO_ON = 0.4
# A service's traffic is irregular: silent for so many of the intervals between its lines, and for so many bins.
_SILENT_LINES, _SILENT_BINS, _MIN_SERVICE_LINES = 20, 3, 30
_LINES_A_BIN = 5
_MAX_SIGNALS = 4
# Who calls a service that has stopped notices within a minute or two.
_FELT_SECONDS = 120
_UNFELT_STRENGTH = 2.0


def silence(scene: Scene) -> list[Signal]:
    """Services that fell silent, then heartbeats within those that did not; the longest silence first."""
    services = silent_services(scene)
    silent = {signal.component for signal in services}
    beats = [
        signal
        for file in scene.services
        if file.rates.clock.is_timed
        for signal in _heartbeats(file)
        if signal.component not in silent
    ]
    beats.sort(key=lambda signal: -signal.strength)
    return [*services, *beats][:_MAX_SIGNALS]


def silent_services(scene: Scene) -> list[Signal]:
    """The services that wrote nothing more, or nothing for a while, as others went on; the longest silence first."""
    found = [
        signal
        for one in scene.participants
        if (signal := _service(one, scene.participants) or _hole(one, scene.participants))
    ]
    return sorted(found, key=lambda signal: -signal.strength)


def _is_felt(one: Participant, everybody: Sequence[Participant], second: int) -> bool:
    """Whether anybody's trouble, its own too, began about then: else a file may just have been cut or put away."""
    now = second - one.scene.ahead_seconds
    slack = _FELT_SECONDS + one.scene.rates.clock.bin_length
    return any(other.begin_second is not None and abs(other.begin_second - now) <= slack for other in everybody)


def _service(one: Participant, everybody: Sequence[Participant]) -> Signal | None:
    """A service whose last line is long ago while the others' are not."""
    clock, scan = one.scene.rates.clock, one.scene.scan
    others = [other for other in everybody if other is not one and other.scene.rates.clock.is_timed]
    last_line = scan.line_count - 1 if one.is_whole_file else max(kind.last_line for kind in one.kinds)
    last_second, lines = one.scene.second_of(last_line), sum(one.counts)
    if not others or not clock.is_timed or last_second is None or lines < _MIN_SERVICE_LINES:
        return None
    interval = max(0.001, (last_second - clock.begin) / lines)
    ends = [other.scene.rates.clock.end for other in others]
    end = sorted(ends)[len(ends) // 2] if one.is_whole_file else clock.end
    silent_seconds = end - last_second
    length = (end - clock.begin) / BINS
    if silent_seconds < _SILENT_LINES * interval or silent_seconds < _SILENT_BINS * length or not _was_steady(one):
        return None
    if not one.is_whole_file and not _others_go_on(one.scene, one.counts, clock.bin_of(last_second) + 1, BINS):
        return None
    is_sure = not one.is_whole_file or _is_felt(one, everybody, last_second)
    return Signal(
        kind="silence",
        ref=one.scene.ref(last_line),
        strength=min(MAX_STRENGTH if is_sure else _UNFELT_STRENGTH, math.log2(silent_seconds / interval)),
        second=last_second,
        title=f"{one.name} fell silent{at(last_second)}",
        summary=f"Until then it wrote {60 / interval:.3g} lines a minute, and not one in the {_span(silent_seconds)} "
        f"that the others went on.",
        component=one.name,
    )


def _hole(one: Participant, everybody: Sequence[Participant]) -> Signal | None:
    """A service that wrote nothing for a while in the middle, and does not do so else."""
    told = [place for place, count in enumerate(one.counts) if count]
    gaps = sorted(((after - before - 1, before) for before, after in pairwise(told)), reverse=True)
    clock = one.scene.rates.clock
    if len(gaps) < BINS // 2 or not clock.is_timed or sum(one.counts) < _LINES_A_BIN * len(told):
        return None
    (length, before), others = gaps[0], [other for other in everybody if other is not one]
    if length < _SILENT_BINS or gaps[1][0] > 1 or not any(_goes_on(one, other, before + 1, length) for other in others):
        return None
    last = max(
        (line for kind in one.kinds if (line := one.scene.rates.first_line(kind.number, before)) is not None), default=0
    )
    second, silent_seconds = one.scene.second_of(last), round(length * clock.bin_length)
    return Signal(
        kind="silence",
        ref=one.scene.ref(last),
        strength=min(MAX_STRENGTH, math.log2(length * sum(one.counts) / len(told))),
        second=second,
        title=f"{one.name} was silent for about {_span(silent_seconds)}{at(second)}",
        summary=f"It wrote {sum(one.counts) / len(told) / clock.bin_length * 60:.3g} lines a minute before and behind, "
        "and the others went on.",
        component=one.name,
    )


def _goes_on(one: Participant, other: Participant, begin: int, length: int) -> bool:
    """Whether another one's lines are there in that time, in at least as large a part of it as is usual."""
    clock, their = one.scene.rates.clock, other.scene.rates.clock
    first, last = clock.second_at(begin), clock.second_at(begin + length)
    if first is None or last is None or not their.is_timed or not their.begin <= first <= last <= their.end:
        return False
    bins = other.counts[their.bin_of(first) : their.bin_of(last) + 1]
    return sum(bins) / len(bins) > _OTHERS_GO_ON * sum(other.counts) / BINS


def _was_steady(one: Participant) -> bool:
    """Whether it wrote all the time until it stopped, but for a gap of a bin here and there."""
    told = [place for place, count in enumerate(one.counts) if count]
    gaps = [after - before for before, after in pairwise(told)]
    return bool(gaps) and max(gaps) <= _SILENT_BINS and told[-1] - told[0] >= _MIN_SPAN * BINS


def _others_go_on(scene: FileScene, counts: Sequence[int], begin: int, end: int) -> bool:
    """Whether the rest of the file goes on between two bins about as before them."""
    others = [total - count for total, count in zip(scene.rates.total, counts, strict=True)]
    if begin >= end:
        return True
    before = sum(others[:begin]) / max(1, begin)
    return sum(others[begin:end]) / (end - begin) > _OTHERS_GO_ON * before


def _heartbeats(scene: FileScene) -> list[Signal]:
    kinds = [kind for kind in scene.kinds if _may_beat(scene, kind)][:_MAX_KINDS]
    return [
        signal
        for kind, seconds in zip(kinds, _beats_of(scene, kinds), strict=True)
        if (signal := _stopped(scene, kind, seconds))
    ]


def _may_beat(scene: FileScene, kind: Kind) -> bool:
    """Ordinary lines over much of the time, then none for long, a whole bin at least."""
    if kind.is_abnormal or not _MIN_BEATS <= kind.count <= _MAX_BEATS or scene.counts(kind)[-1]:
        return False
    first, last = scene.second_of(kind.first_line), scene.second_of(kind.last_line)
    if first is None or last is None:
        return False
    clock = scene.rates.clock
    span, silent_seconds = last - first, clock.end - last
    is_long = span >= _MIN_SPAN * (clock.end - clock.begin)
    return is_long and silent_seconds >= _SILENT_INTERVALS * span / (kind.count - 1)


def _beats_of(scene: FileScene, kinds: Sequence[Kind]) -> Sequence[Sequence[int]]:
    """The seconds of each kind's lines; one pass for all of them."""
    scan, beats = scene.scan, [list[int]() for _ in kinds]
    beats_of_shape = {shape: of_kind for kind, of_kind in zip(kinds, beats, strict=True) for shape in kind.shapes}
    for line in lines_of(scan.shape_of_line, beats_of_shape) if beats_of_shape else ():
        if second := scan.second_of_line[line]:
            beats_of_shape[scan.shape_of_line[line]].append(second)
    return beats


def _stopped(scene: FileScene, kind: Kind, seconds: Sequence[int]) -> Signal | None:
    gaps = sorted(later - earlier for earlier, later in pairwise(sorted(seconds)))
    if len(gaps) < _MIN_BEATS - 1:
        return None
    interval = median(gaps)
    slack = max(_WHOLE_SECOND, _REGULAR_WITHIN * interval)
    regular = bisect_left(gaps, interval + slack + 0.1) - bisect_left(gaps, interval - slack)
    last, clock = max(seconds), scene.rates.clock
    silent_seconds, interval = clock.end - last, max(interval, 1)
    if regular < _REGULAR_SHARE * len(gaps) or silent_seconds < _SILENT_INTERVALS * max(interval, gaps[-1]):
        return None
    if not _others_go_on(scene, scene.counts(kind), clock.bin_of(last) + 1, BINS):
        return None
    return Signal(
        kind="silence",
        ref=scene.ref(kind.last_line),
        strength=min(MAX_STRENGTH, math.log2(silent_seconds / interval)),
        second=last,
        title=f"A line written every {_span(round(interval))} stopped{at(last)}",
        summary=f"“{scene.text(kind)[:80]}” came {len(seconds):,} times, every {_span(round(interval))}, and not "
        f"once in the last {_span(silent_seconds)}.",
        component=kind.component,
    )


def _span(seconds: int) -> str:
    """A length of time in words."""
    if seconds < 120:
        return f"{seconds} s"
    return f"{seconds // 60} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
