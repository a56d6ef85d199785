"""Who failed first and whom the others name: where a failure that spread through several services began."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from services.diagnosis.blame import Blame, blame_graph, looks_outward, most_blamed
from services.diagnosis.detectors.silence import silent_services
from services.diagnosis.findings import LineRef
from services.diagnosis.participants import Participant
from services.diagnosis.scene import MAX_STRENGTH, Scene, Signal, at

# Clocks of two hosts differ by so much without anybody's notice.
_SKEW_SECONDS = 5
# Behind it another trouble is another matter.
_TOGETHER_SECONDS = 900
_MAX_CONTEXT = 5


def cascade(scene: Scene) -> list[Signal]:
    """The service that the blame leads to, or that fails without blaming anybody; then the one that failed first, if
    that is another.
    """
    troubled = scene.in_trouble
    if not troubled:
        return []
    together = max(([other for other in troubled if _is_near(other, one)] for one in troubled), key=len)
    root = _fell_silent(scene, together) or _root(scene, together)
    first = _failed_first(together) if len(together) > 1 else None
    found = [signal for signal in (root, first) if signal is not None]
    return found if len({signal.blames or signal.component for signal in found}) > 1 else found[:1]


def _root(scene: Scene, together: Sequence[Participant]) -> Signal | None:
    """Where the blame leads; where that one only passes on what it got from somebody it does not name, who does not."""
    blamed = most_blamed(blame_graph(scene, together))
    victims = [one for one in together if looks_outward(one)]
    if blamed and blamed[0] not in {one.name for one in victims}:
        return _blamed(scene, together, *blamed)
    inward = [one for one in together if one not in victims]
    if victims and inward:
        return _fails_by_itself(inward[0], victims)
    if blamed is None:
        return None
    # It only passes on what it got: half of an answer.
    signal = _blamed(scene, together, *blamed)
    return replace(signal, strength=signal.strength / 2)


def _is_near(one: Participant, first: Participant) -> bool:
    """Whether its trouble began with that of `first` or soon after."""
    if one.begin_second is None or first.begin_second is None:
        return True
    return 0 <= one.begin_second - first.begin_second <= _TOGETHER_SECONDS


def _fell_silent(scene: Scene, together: Sequence[Participant]) -> Signal | None:
    """Who said nothing more when the others' trouble began."""
    onset = min((one.begin_second for one in together if one.begin_second), default=None)
    for signal in silent_services(scene):
        if onset is None or signal.second is None or signal.component in {one.name for one in together}:
            continue
        slack = _SKEW_SECONDS + max(one.scene.rates.clock.bin_length for one in together)
        ahead = next(file.ahead_seconds for file in scene.files if file.file == signal.ref.file)
        if abs(signal.second - ahead - onset) <= slack:
            names = [one.name for one in together]
            return replace(
                signal,
                kind="cascade",
                title=f"{signal.title}, as the trouble of {_listed(names)} began",
                context=tuple(one.scene.ref(one.trouble.line) for one in together if one.trouble)[:_MAX_CONTEXT],
            )
    return None


def _fails_by_itself(one: Participant, victims: Sequence[Participant]) -> Signal | None:
    if one.trouble is None:
        return None
    names = [victim.name for victim in victims]
    return Signal(
        kind="cascade",
        ref=one.scene.ref(one.trouble.line),
        strength=min(MAX_STRENGTH, 1.5 + math.log2(1 + len(victims))),
        second=one.logged_second,
        title=f"{one.name} fails without a word about anybody else",
        summary=f"{_listed(names)} failed on a service that they call, in {one.trouble.excess.count:,} abnormal lines "
        f"{one.name} speaks of none; its trouble began{at(one.logged_second)}.",
        context=tuple(victim.scene.ref(victim.trouble.line) for victim in victims if victim.trouble)[:_MAX_CONTEXT],
        component=one.name,
    )


def _blamed(scene: Scene, troubled: Sequence[Participant], name: str, blamers: Mapping[str, Blame]) -> Signal:
    """Told by the blamed one's own first line of trouble; by the first line that names it where it has none."""
    own = next((one for one in troubled if one.name == name), None)
    lines, firsts = sum(blame.lines for blame in blamers.values()), sorted(blame.first for blame in blamers.values())
    ref = own.scene.ref(own.trouble.line) if own and own.trouble else earliest_of(scene, firsts)
    others = [one for one in troubled if one.name in blamers]
    second = min((one.logged_second for one in others if one.logged_second), default=None)
    is_first = own is not None and _order(own) <= min(map(_order, others), default=0) + _SKEW_SECONDS
    earliest = next((each for each, blame in blamers.items() if blame.first == ref), None)
    return Signal(
        kind="cascade",
        ref=ref,
        strength=min(MAX_STRENGTH, 0.5 + 1.5 * math.log2(1 + len(blamers)) + min(2.0, lines / 10) + is_first),
        second=own.logged_second if own else second,
        title=f"{name} is what the others fail on",
        summary=f"{lines:,} abnormal lines of {_listed(sorted(blamers))} name it{_since(own, second)}; it names "
        "nobody.",
        context=tuple(first for first in firsts if first != ref)[:_MAX_CONTEXT],
        component=name if own else earliest,
        blames=None if own else name,
    )


def _since(own: Participant | None, second: int | None) -> str:
    if own is None:
        return f", the first{at(second)}" if second else ""
    return f", its own trouble began{at(own.logged_second)}" if own.begin_second else ""


def earliest_of(scene: Scene, refs: Sequence[LineRef]) -> LineRef:
    """The line that was written first, by the clocks of the files."""
    by_file = {file.file: file for file in scene.files}
    return min(
        refs, key=lambda ref: ((by_file[ref.file].second_of(ref.line) or 0) - by_file[ref.file].ahead_seconds, ref)
    )


def _order(one: Participant) -> int:
    return one.begin_second or 0


def _failed_first(troubled: Sequence[Participant]) -> Signal | None:
    """Whose trouble began before everybody else's, by more than clocks differ."""
    first, second = troubled[0], troubled[1]
    if first.trouble is None or first.begin_second is None or second.begin_second is None:
        return None
    lead = second.begin_second - first.begin_second
    skew = 0 if first.scene is second.scene else _SKEW_SECONDS
    if lead <= skew:
        return None
    refs = [one.scene.ref(one.trouble.line) for one in troubled[1 : 1 + _MAX_CONTEXT] if one.trouble]
    return Signal(
        kind="cascade",
        ref=first.scene.ref(first.trouble.line),
        strength=min(3.0, 0.5 + min(1.0, math.log2(1 + lead - skew) / 6) + 0.5 * (len(troubled) - 1)),
        second=first.logged_second,
        title=f"{first.name} was in trouble first",
        summary=f"Its first abnormal line came{at(first.logged_second)}, {lead} s before that of {second.name}, the "
        f"next of {len(troubled) - 1}.",
        context=tuple(refs),
        component=first.name,
    )


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:4])
    return f"{shown} and {len(names) - 4} more" if len(names) > 4 else shown
