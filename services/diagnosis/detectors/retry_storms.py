"""Storms of retries, and what they retry: the retries are loud, their source spoke before."""

from collections.abc import Sequence

from services.diagnosis.component_names import NameBook, addresses_in
from services.diagnosis.excess import Excess
from services.diagnosis.file_scene import Kind
from services.diagnosis.gated_patterns import PatternTable, Wording, gated
from services.diagnosis.participants import Participant
from services.diagnosis.scene import LOUDNESS_SHARE, Scene, Signal, at

_TABLE = PatternTable(
    {
        "retry": gated(
            "retr attempt reconnect backing backoff back-off again redeliver resubmit requeue",
            r"(?i)\bretr(?:y|ies|ied|ying)\b|\b(?:re)?attempt(?:ing)? (?:<\*>|#|\d|to re)|\breconnect(?:ing|ion)?\b|"
            r"\bback(?:ing)?[- ]?off\b|\b(?:try(?:ing)?|tried) (?:once )?(?:again|more)\b|\bredeliver\w+|\bresubmit\w*|"
            r"\bre-?queu(?:e|ed|ing)\b",
        )
    }
)
_MIN_LINES, _MIN_STRENGTH = 20, 2.0
# What set it off was told in the same sixtieth of the time or the one before.
_BINS_BEFORE = 1
_MAX_SIGNALS = 2


def retry_storms(scene: Scene) -> list[Signal]:
    """The participants whose retries came far more often than otherwise."""
    book = NameBook([one.name for one in scene.participants])
    signals = [signal for one in scene.participants if (signal := _storm(one, book))]
    return sorted(signals, key=lambda signal: (-signal.strength, signal.second or 0))[:_MAX_SIGNALS]


def _storm(one: Participant, book: NameBook) -> Signal | None:
    file = one.scene
    retries = [
        kind
        for kind in one.kinds
        if "retry" in _TABLE.names_in(Wording.of(file.scan.shapes[kind.shapes[0]].skeleton[:300]))
    ]
    excess = file.excess_of(retries)
    if excess is None or excess.count < _MIN_LINES or excess.strength < _MIN_STRENGTH:
        return None
    first = min(
        line for kind in retries if (line := file.rates.first_line_since(kind.number, excess.begin)) is not None
    )
    source = _source(one, retries, excess)
    second = file.second_of(first)
    blames = _whom(one, retries, book)
    return Signal(
        kind="retry storm",
        ref=file.ref(first if source is None else source),
        strength=LOUDNESS_SHARE * excess.strength,
        second=second,
        title=f"{one.name} retried {'what failed at ' + blames if blames else 'in a storm'}{at(second)}",
        summary=f"{excess.count:,} retries, {excess.after:.3g} in a sixtieth of the log where {excess.before:.3g} are "
        "usual; the retries are the consequence of what failed first.",
        context=() if source is None else (file.ref(first),),
        component=one.name,
        blames=blames,
    )


def _source(one: Participant, retries: Sequence[Kind], excess: Excess) -> int | None:
    """The first line of abnormal kinds, no retries, that came up with the storm."""
    begin = max(0, excess.begin - _BINS_BEFORE)
    numbers = {kind.number for kind in retries}
    lines = [
        line
        for kind in one.kinds
        if (kind.is_abnormal or kind.is_suspect) and kind.number not in numbers
        if not any(one.scene.counts(kind)[:begin])
        if (line := one.scene.rates.first_line(kind.number, begin)) is not None
        or (line := one.scene.rates.first_line(kind.number, excess.begin)) is not None
    ]
    return min(lines, default=None)


def _whom(one: Participant, retries: Sequence[Kind], book: NameBook) -> str | None:
    """The service or host that most retries name."""
    named: dict[str, int] = {}
    for kind in retries:
        for number in kind.shapes:
            shape = one.scene.scan.shapes[number]
            for name in (book.names_in(shape.message) - {one.name}) or set(addresses_in(shape.message)):
                named[name] = named.get(name, 0) + shape.count
    return max(sorted(named), key=lambda name: named[name], default=None)
