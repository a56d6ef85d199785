"""Weights under which the marked lines are likeliest to be drawn, a line's points being its log odds: a listwise
softmax (ListNet's top one, Cao et al. 2007), held near the weights it starts from by a quadratic penalty.

Weights are one vector: those of the traits, then those of the classes of words. It starts knowing only which of them
speak for a line and which against it: present weights that were fitted to a log would not hold it out.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.line_traits import CLASSES, TRAITS, LogTraits
from services.diagnosis import weights

Floats = NDArray[np.float64]

PRESENT: Floats = np.array([*weights.TRAITS.values(), *weights.WORDS.values()])
NAMES = (*TRAITS, *CLASSES)
# No build was yet seen to address the reader: nothing tells what that is worth.
_NOT_FITTED = "instruction"
START: Floats = np.where(np.array(NAMES) == _NOT_FITTED, PRESENT, np.sign(PRESENT))
_PENALTY = 0.003
_STEPS, _STEPS_A_CHOICE = 150, 50
_RATE, _MEAN_DECAY, _SQUARE_DECAY, _TINY = 0.05, 0.9, 0.999, 1e-8
# Of a log only the lines that may come first matter, and the best of those that are marked.
_RIVALS, _MARKED = 120, 20
# What a class of words says is never turned into its contrary: that would be this set's accident.
_LEAST_WORD = 0.05
_CAPPED = [CLASSES.index(name) for name in ("wrapper", "summary")]


@dataclass(frozen=True, slots=True)
class _Lines:
    """Lines of many logs below each other. wordings: the sets of classes that occur, and wording: that of each line;
    starts: the first row of each log, and of_log: the log of each line.
    """

    traits: NDArray[np.float32]
    wordings: NDArray[np.bool_]
    wording: NDArray[np.int64]
    is_marked: NDArray[np.bool_]
    starts: NDArray[np.int64]
    of_log: NDArray[np.int64]


def points_of(log: LogTraits, by: Floats) -> Floats:
    """The points of each line, as the ranking gives them."""
    return log.traits @ by[: len(TRAITS)] + _word_points(log.classes, by[len(TRAITS) :])[0]


def _word_points(classes: NDArray[np.bool_], words: Floats) -> tuple[Floats, Floats]:
    """(points, how they grow with each weight): the best class counts whole, the others less; reports are capped."""
    good = classes * np.maximum(words, 0)
    best, total, rows = good.argmax(axis=1), good.sum(axis=1), np.arange(len(good))
    points = good[rows, best] + weights.OVERLAP * (total - good[rows, best])
    slopes = classes * np.where(words > 0, weights.OVERLAP, 1.0)
    slopes[rows, best] = classes[rows, best]
    is_capped = classes[:, _CAPPED].any(axis=1) & (points > weights.WRAPPER_WORDS_CAP)
    slopes[np.ix_(is_capped, words > 0)] = 0
    points = np.where(is_capped, weights.WRAPPER_WORDS_CAP, points)
    return points + (classes * np.minimum(words, 0)).sum(axis=1), slopes


def fitted(logs: Sequence[LogTraits], start: Floats = START) -> Floats:
    """The weights that fit these logs best, near `start` (Adam, Kingma and Ba 2015)."""
    by, mean, square = start.copy(), np.zeros_like(start), np.zeros_like(start)
    for step in range(1, _STEPS + 1):
        if step % _STEPS_A_CHOICE == 1:
            lines = _lines_that_matter(logs, by)
        slope = _slope(lines, by) + _PENALTY * (by - start)
        mean += (1 - _MEAN_DECAY) * (slope - mean)
        square += (1 - _SQUARE_DECAY) * (slope**2 - square)
        size = np.sqrt(square / (1 - _SQUARE_DECAY**step)) + _TINY
        by = _keeping_signs(by - _RATE * mean / (1 - _MEAN_DECAY**step) / size, start)
    return by


def _keeping_signs(by: Floats, start: Floats) -> Floats:
    words = np.arange(len(by)) >= len(TRAITS)
    return np.where(words, np.where(start > 0, np.maximum(by, _LEAST_WORD), np.minimum(by, -_LEAST_WORD)), by)


def _slope(lines: _Lines, by: Floats) -> Floats:
    """The gradient of the mean negative log likelihood that a marked line is drawn of each log."""
    word_points, word_slopes = _word_points(lines.wordings, by[len(TRAITS) :])
    points = lines.traits @ by[: len(TRAITS)].astype(np.float32) + word_points[lines.wording]
    odds = np.exp(points - np.maximum.reduceat(points, lines.starts)[lines.of_log])
    marked = odds * lines.is_marked
    drawn = odds / np.add.reduceat(odds, lines.starts)[lines.of_log]
    wanted = marked / np.maximum(np.add.reduceat(marked, lines.starts), np.finfo(float).tiny)[lines.of_log]
    excess = (drawn - wanted) / len(lines.starts)
    by_wording = np.bincount(lines.wording, excess, minlength=len(lines.wordings))
    return np.concatenate([lines.traits.T @ excess.astype(np.float32), word_slopes.T @ by_wording])


def _lines_that_matter(logs: Sequence[LogTraits], by: Floats) -> _Lines:
    rows = [_rows_that_matter(log, by) for log in logs]
    classes = np.concatenate([log.classes[of] for log, of in zip(logs, rows, strict=True)])
    wordings, wording = np.unique(classes, axis=0, return_inverse=True)
    counts = [len(of) for of in rows]
    return _Lines(
        traits=np.concatenate([log.traits[of] for log, of in zip(logs, rows, strict=True)]),
        wordings=wordings,
        wording=wording,
        is_marked=np.concatenate([log.is_marked[of] for log, of in zip(logs, rows, strict=True)]),
        starts=np.cumsum([0, *counts[:-1]]),
        of_log=np.repeat(np.arange(len(logs)), counts),
    )


def _rows_that_matter(log: LogTraits, by: Floats) -> NDArray[np.int64]:
    order = np.argsort(-points_of(log, by), kind="stable")
    return np.union1d(order[:_RIVALS], order[log.is_marked[order]][:_MARKED])
