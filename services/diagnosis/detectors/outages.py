"""Trouble that began and ended while the log goes on: an outage with recovery."""

import math

from services.diagnosis.participants import Participant
from services.diagnosis.rates import BINS
from services.diagnosis.scene import LOUDNESS_SHARE, MAX_STRENGTH, Scene, Signal, at

# After it normal lines have to be there again, at this share of what they were.
_RESUMES = 0.5
# The last bins are too short a time to say that it is over.
_MIN_BINS_AFTER = 3
_MIN_RATIO = 8.0
_MAX_SIGNALS = 3


def outages(scene: Scene) -> list[Signal]:
    """The bounded ones of the participants' troubles, the largest first."""
    signals = [signal for one in scene.in_trouble if (signal := _outage(one))]
    return sorted(signals, key=lambda signal: (-signal.strength, signal.ref))[:_MAX_SIGNALS]


def _outage(one: Participant) -> Signal | None:
    trouble, file = one.trouble, one.scene
    if trouble is None or not _is_over(one):
        return None
    excess = trouble.excess
    last_line = max(
        (
            line
            for kind in trouble.kinds
            for place in range(excess.begin, excess.end)
            if (line := file.rates.first_line(kind.number, place)) is not None
        ),
        default=trouble.line,
    )
    begin, end = trouble.second, file.rates.clock.second_at(excess.end)
    window = f" between{at(begin).removeprefix(' at')} and{at(end).removeprefix(' at')}" if begin and end else ""
    lasted = (
        f"{max(1, round((end - begin) / 60))} min"
        if begin and end
        else f"{excess.end - excess.begin} sixtieths of the log"
    )
    return Signal(
        kind="outage",
        ref=file.ref(trouble.line),
        strength=LOUDNESS_SHARE * min(MAX_STRENGTH, math.log2(1 + excess.count)),
        second=begin,
        title=f"{one.name} was out of order for about {lasted}, then recovered",
        summary=f"{excess.count:,} abnormal lines{window}; outside of it {excess.before:.3g} in a sixtieth of the log.",
        context=(file.ref(last_line),) if last_line != trouble.line else (),
        component=one.name,
    )


def _is_over(one: Participant) -> bool:
    if one.trouble is None:
        return False
    excess = one.trouble.excess
    if excess.end > BINS - _MIN_BINS_AFTER or excess.after < _MIN_RATIO * excess.before:
        return False
    before, after = one.counts[: excess.begin], one.counts[excess.end :]
    usual = sum(before) / max(1, len(before))
    return sum(after) / len(after) > _RESUMES * usual
