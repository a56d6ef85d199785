"""The weights of the ranking, judged on labelled build logs and fitted to them.

A project's logs are judged by weights that were fitted without any log of that project: what is fitted to a set
always looks better on it than it is.
"""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
from rich.console import Group
from rich.table import Table

from benchmarks.accuracy_tables import calibration_table, measures_table
from benchmarks.incidents.scoring import Score
from benchmarks.labelled_logs import WANTED
from benchmarks.line_traits import CLASSES, TRAITS, LogTraits, traits_of_logs
from benchmarks.listwise_fit import NAMES, PRESENT, Floats, fitted, points_of
from services.diagnosis import weights
from services.diagnosis.detectors.base import Candidate
from services.diagnosis.findings import LineRef, Role, Verdict
from services.diagnosis.verdict import verdict_of

_FOLDS, _SEEDS = 5, (0, 1)
_HEADS = 40
# As the findings are cited: behind six of the best lines come the reserved ones; a sure first one brings its context.
_RESERVED_PLACE, _CONTEXT_LINES, _NEAR_LINES = 6, 7, 15
_HITS = (1, 3, 10)


def run(cases: Path, *, is_fitting: bool) -> Group:
    """Tables of the hits and of what confidence is worth; if it fits, held out too, and the weights old and new.

    cases: the cases.jsonl of labelled logs.
    """
    logs = traits_of_logs(cases)
    scores = {"today": [_score(log, PRESENT) for log in logs]}
    if not is_fitting:
        return Group(_measures(logs, scores), calibration_table("What confidence is worth today", scores["today"]))
    for seed in _SEEDS:
        scores[f"held out, {seed}"] = held_out(logs, seed, fitted)
    by = fitted(logs)
    scores["fitted"] = [_score(log, by) for log in logs]
    unseen = [score for seed in _SEEDS for score in scores[f"held out, {seed}"]]
    return Group(_measures(logs, scores), calibration_table("What confidence is worth, held out", unseen), _weights(by))


def held_out(logs: Sequence[LogTraits], seed: int, fit: Callable[[Sequence[LogTraits]], Floats]) -> list[Score]:
    """The scores of the logs, each by weights that were fitted without its project's."""
    projects = sorted({log.project for log in logs})
    fold_of = dict(zip(projects, np.random.default_rng(seed).permutation(len(projects)) % _FOLDS, strict=True))
    by = [fit([log for log in logs if fold_of[log.project] != fold]) for fold in range(_FOLDS)]
    return [_score(log, by[fold_of[log.project]]) for log in logs]


def _score(log: LogTraits, by: Floats) -> Score:
    points = points_of(log, by)
    heads = _heads(log, points)
    verdict, confidence = verdict_of([_candidate(log, row, points[row], by) for row in heads])
    is_sure = verdict is not Verdict.INCONCLUSIVE
    is_right = bool(log.is_marked[heads[0]] or (is_sure and log.is_marked[_context(log, points, heads[0])].any()))
    cited = _with_reserved(heads, log.reserved)
    measures = {f"hit@{count}": float(log.is_marked[cited[:count]].any()) for count in _HITS}
    measures |= {"sure": float(is_sure), "sure&wrong": float(is_sure and not is_right)}
    return Score(log.name, measures, confidence, str(verdict), is_right, f"line {log.lines[heads[0]] + 1}")


def _heads(log: LogTraits, points: Floats) -> list[int]:
    """The rows of the best lines, one a template."""
    heads: dict[int, int] = {}
    for row in np.lexsort((log.lines, -points)):
        heads.setdefault(int(log.templates[row]), int(row))
        if len(heads) == _HEADS:
            break
    return list(heads.values())


def _with_reserved(heads: list[int], reserved: Iterable[int]) -> list[int]:
    extra = [row for row in reserved if row not in heads[: max(_HITS)]]
    return [*heads[:_RESERVED_PLACE], *extra, *heads[_RESERVED_PLACE:]]


def _context(log: LogTraits, points: Floats, home: int) -> list[int]:
    """The rows that a sure first finding cites along with its own."""
    away = log.lines - log.lines[home]
    near = np.flatnonzero((np.abs(away) <= _NEAR_LINES) & (away != 0))
    told = weights.OWN_POINTS * points[near] + weights.LINE_AWAY * np.where(away > 0, away, -2 * away)[near]
    return [int(row) for row in near[np.argsort(-told, kind="stable")][:_CONTEXT_LINES]]


def _candidate(log: LogTraits, row: int, points: float, by: Floats) -> Candidate:
    said = np.flatnonzero(log.classes[row])
    word = max((float(by[len(TRAITS) + place]) for place in said), default=0.0)
    classes = frozenset(CLASSES[place] for place in said)
    ref = LineRef(0, int(log.lines[row]))
    return Candidate(ref, "failure", float(points), word, classes, Role.DIRECT, next_steps=())


def _measures(logs: Sequence[LogTraits], scores: dict[str, list[Score]]) -> Table:
    by_set = {
        of_set: {
            pool: [score for log, score in zip(logs, of_pool, strict=True) if log.of_set == of_set]
            for pool, of_pool in scores.items()
        }
        for of_set in dict.fromkeys(log.of_set for log in logs)
    }
    return measures_table("The ranking of labelled build logs", by_set, WANTED)


def _weights(by: Floats) -> Table:
    table = Table("weight", title="Weights, fitted to all logs")
    table.add_column("now", justify="right")
    table.add_column("fitted", justify="right")
    for name, now, new in zip(NAMES, PRESENT, by, strict=True):
        table.add_row(name, f"{now:.1f}", f"{new:.1f}")
    return table
