"""Kinds of lines that suddenly, or steadily, come far more often: bursts, steps and ramps."""

from collections.abc import Iterator

from services.diagnosis.excess import Excess
from services.diagnosis.file_scene import FileScene, Kind
from services.diagnosis.scene import LOUDNESS_SHARE, Scene, Signal, at

_MAX_SIGNALS = 6
# Ordinary kinds vary: only four times as often counts, of a kind that was there most of the time before.
_ORDINARY_STRENGTH, _ORDINARY_LINES, _THERE_SHARE = 2.0, 60, 0.6
_MIN_LINES = 4
_MAX_KINDS = 400
_VERBS = {"burst": "came in a burst", "step": "came far more often from then on", "ramp": "came more and more often"}


def bursts(scene: Scene) -> list[Signal]:
    """Abnormal kinds in excess, and ordinary ones that changed much; strongest first, of equals the earliest."""
    signals = [
        _signal(file, kind, excess, scene.owner(file, kind))
        for file in scene.services
        for kind in file.kinds[:_MAX_KINDS]
        if (excess := _excess(file, kind))
    ]
    signals.sort(key=lambda signal: (-round(signal.strength), signal.second or 0, signal.ref))
    return signals[:_MAX_SIGNALS]


def _excess(file: FileScene, kind: Kind) -> Excess | None:
    if kind.count < _MIN_LINES:
        return None
    excess = file.excess_of([kind])
    if excess is None or excess.count < _MIN_LINES or kind.is_abnormal or kind.is_suspect:
        return excess
    is_large = excess.strength >= _ORDINARY_STRENGTH and excess.count >= _ORDINARY_LINES
    return excess if is_large and _was_there(file, kind, excess) else None


def _was_there(file: FileScene, kind: Kind, excess: Excess) -> bool:
    """Whether the kind is one of every day, and the excess the exception: a job that runs once a night is no change."""
    counts = file.counts(kind)
    outside = [*counts[: excess.begin], *counts[excess.end :]]
    is_rise = excess.begin > 0 and len(outside) > len(counts) / 2
    return is_rise and sum(map(bool, outside)) > _THERE_SHARE * len(outside)


def _signal(file: FileScene, kind: Kind, excess: Excess, owner: str | None) -> Signal:
    sort = "ramp" if excess.climbs else "step" if excess.lasts else "burst"
    line = file.rates.first_line_since(kind.number, excess.begin)
    line = kind.first_line if line is None else line
    second = file.second_of(line)
    return Signal(
        kind=sort,
        ref=file.ref(line),
        strength=LOUDNESS_SHARE * excess.strength,
        second=second,
        title=f"“{file.text(kind)[:80]}” {_VERBS[sort]}{at(second)}",
        summary=" ".join(_numbers(file, excess)),
        component=owner,
    )


def _numbers(file: FileScene, excess: Excess) -> Iterator[str]:
    """Before and after, a minute where there are times."""
    clock = file.rates.clock
    per, unit = (60 / clock.bin_length, "a minute") if clock.is_timed else (1.0, "in a sixtieth of the file")
    yield f"{excess.before * per:.3g} lines {unit} before, {excess.after * per:.3g} in the excess"
    begin, end = clock.second_at(excess.begin), clock.second_at(excess.end)
    yield f"of {excess.count:,} lines"
    if begin is not None and end is not None:
        yield f"over {max(1, round((end - begin) / 60))} min{', to the end of the log' if excess.lasts else ''}"
    yield "while the other lines did not change as much."
