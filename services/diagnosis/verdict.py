"""How sure the first finding is. Computed from its words, its points and its distance to the next rival."""

import math
from collections.abc import Sequence

from services.diagnosis import weights
from services.diagnosis.detectors.base import Candidate
from services.diagnosis.findings import SeriesChange, Verdict
from services.diagnosis.scene import Signal

# Lines so near are one place: one failure, told at length.
BLOCK_LINES = 8
# The log odds that the first finding is right, on the labelled logs of projects that the weights were fitted without.
_ODDS_AT_NO_MARGIN, _ODDS_A_POINT = 0.10, 0.56
_MAX_INCONCLUSIVE = 0.49
# What is said of services was right so often, at best.
_MAX_OF_A_SERVICE = 0.85
_SEVERAL = 3
_BEST = 3
# Reports another's failure, or excuses itself: "ignored", "retrying".
_SAYS_LITTLE = frozenset({"wrapper", "summary", "benign"})
_SPEAKS_FOR_ITSELF = frozenset({"crash", "exception", "unhandled"})
_MAX_LESSER = 0.45
# Beyond it nothing was gained.
_MOST_MARGIN = 6.0


def verdict_of(candidates: Sequence[Candidate]) -> tuple[Verdict, float]:
    """(verdict, confidence) of the first: LIKELY only if strong in itself and ahead of the next different place."""
    first = candidates[0]
    rival = max((_rivalry(first, other) for other in candidates[1:] if not _same_place(first, other)), default=0.0)
    margin = first.points - rival
    if first.strength:
        told = round(0.4 + 0.08 * first.strength, 2)
        if first.strength < weights.LIKELY_SIGNAL:
            return Verdict.INCONCLUSIVE, min(told, _MAX_INCONCLUSIVE)
        return Verdict.LIKELY, told
    confidence = 1 / (1 + math.exp(-_ODDS_AT_NO_MARGIN - _ODDS_A_POINT * min(margin, _MOST_MARGIN)))
    is_report = bool(first.classes & _SAYS_LITTLE)
    is_strong = first.word >= weights.LIKELY_WORD and first.points >= weights.LIKELY_SCORE
    if is_report or not is_strong or margin < weights.LIKELY_MARGIN or not _stands_alone(first, candidates[1:]):
        return Verdict.INCONCLUSIVE, round(min(confidence, _MAX_INCONCLUSIVE), 2)
    if first.began is not None:
        confidence = min(confidence, _MAX_OF_A_SERVICE)
    is_direct = first.word >= weights.CONFIRMED_WORD and margin >= weights.CONFIRMED_MARGIN
    return (Verdict.CONFIRMED if is_direct else Verdict.LIKELY), round(max(0.5, confidence), 2)


def stands_out(candidates: Sequence[Candidate], signals: Sequence[Signal], series: Sequence[SeriesChange]) -> bool:
    """Whether anything is a lead worth the name: services say something for the first time every day.

    It is if something was seen to happen over time or a number moved, if it is a known problem, or if one of the best
    lines speaks plainly. A build that is looked at has failed: there everything is.
    """
    return (
        any(candidate.began is None or candidate.is_known for candidate in candidates)
        or any(signal.strength >= weights.WORTH_A_LOOK for signal in signals)
        or any(change.strength >= weights.TELLING_DRIFT for change in series)
        or any(map(_speaks_plainly, candidates[:_BEST]))
    )


def _speaks_plainly(line: Candidate) -> bool:
    """By its words, by all that speaks for it, or by telling it again and again."""
    is_repeated = line.word >= weights.LIKELY_WORD and line.is_new and line.count >= _SEVERAL
    return is_repeated or line.word >= weights.PLAIN_WORD or line.points >= weights.PLAIN_SCORE


def lesser_verdict(candidate: Candidate, first: Candidate) -> tuple[Verdict, float]:
    """Those behind the first are leads: never surer than it could be."""
    share = max(0.0, candidate.points) / max(first.points, 1.0)
    return Verdict.INCONCLUSIVE, round(min(_MAX_LESSER, _MAX_LESSER * share), 2)


def _rivalry(first: Candidate, other: Candidate) -> float:
    """The points with which another competes: among new kinds of services none where it may follow from the first, or
    hardly sounds like trouble; where it came at another time, as many as if it had been looked at for itself.
    """
    if first.began is None or other.began is None or not (first.is_new and other.is_new):
        return other.points
    if other.word < weights.LIKELY_WORD <= first.word:
        return 0.0
    behind = other.began - first.began
    if 0 <= behind <= weights.FOLLOWS_SECONDS:
        return 0.0 if behind else other.points - weights.LIKELY_MARGIN
    return other.points + weights.SPOKE_FIRST * (abs(behind) > weights.FOLLOWS_SECONDS)


def _stands_alone(first: Candidate, others: Sequence[Candidate]) -> bool:
    """Whether a service's line is more than a mishap of the moment and nothing came before that may have led to it."""
    if first.began is None:
        return True
    is_followed = any(
        other.began is not None and other.is_new and 0 <= other.began - first.began <= weights.FOLLOWS_SECONDS
        for other in others
    )
    is_weighty = first.count >= _SEVERAL or is_followed or first.is_known or first.classes & _SPEAKS_FOR_ITSELF
    return bool(is_weighty) and not _is_preceded(first, others)


def _is_preceded(first: Candidate, others: Sequence[Candidate]) -> bool:
    """Whether something else that is new to services came shortly before: what came first may have led to it."""
    return any(
        first.began is not None
        and other.began is not None
        and other.is_new
        and 0
        < first.began - other.began
        <= (weights.FOLLOWS_SECONDS if other.word >= weights.PRECEDING_WORD else weights.CLOSE_SECONDS)
        for other in others
    )


def _same_place(first: Candidate, other: Candidate) -> bool:
    return first.ref.file == other.ref.file and abs(first.ref.line - other.ref.line) <= BLOCK_LINES
