"""Tables of scores: measures by set, cases that went wrong, and whether confidence means what it says."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from rich.table import Table
from rich.text import Text

from benchmarks.incidents.scoring import VERDICTS, Score

_BIN_EDGES = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.01)


def measures_table(
    title: str, by_set: Mapping[str, Mapping[str, Sequence[Score]]], wanted: Mapping[tuple[str, str], str]
) -> Table:
    """The mean of every measure: a row a set and measure, a column a pool, with the figure that is wanted."""
    pools = list(dict.fromkeys(pool for of_pool in by_set.values() for pool in of_pool))
    table = Table("set", "measure", title=title)
    for column in ("wanted", *pools):
        table.add_column(column, justify="right")
    for of_set, of_pool in by_set.items():
        means = {pool: _means(scores) for pool, scores in of_pool.items()}
        for measure in dict.fromkeys(name for of in means.values() for name in of):
            figures = [f"{means[pool][measure]:.3f}" if measure in means.get(pool, {}) else "" for pool in pools]
            count = max(map(len, of_pool.values()))
            table.add_row(f"{of_set} ({count})", measure, wanted.get((of_set, measure), ""), *figures)
        table.add_section()
    return table


def _means(scores: Iterable[Score]) -> dict[str, float]:
    values: dict[str, list[float]] = defaultdict(list)
    for score in scores:
        for measure, value in score.measures.items():
            values[measure].append(value)
    return {measure: sum(found) / len(found) for measure, found in values.items()}


def calibration_table(title: str, scores: Iterable[Score]) -> Table:
    """By the first finding's confidence and by its verdict: how many, what it said, and how many were right."""
    judged = [score for score in scores if score.confidence is not None]
    table = Table("said", title=title)
    for column in ("logs", "mean confidence", "right"):
        table.add_column(column, justify="right")
    for low, high in pairwise(_BIN_EDGES):
        _add_row(table, f"{low:.1f} to {min(high, 1.0):.1f}", [s for s in judged if low <= (s.confidence or 0) < high])
    table.add_section()
    for verdict in VERDICTS:
        _add_row(table, verdict, [score for score in judged if score.verdict == verdict])
    return table


def _add_row(table: Table, said: str, scores: Sequence[Score]) -> None:
    if scores:
        mean = sum(score.confidence or 0.0 for score in scores) / len(scores)
        right = sum(bool(score.is_right) for score in scores) / len(scores)
        table.add_row(said, str(len(scores)), f"{mean:.2f}", f"{right:.2f}")


def missed_table(title: str, scores: Iterable[Score]) -> Table:
    """The cases, each with whom or where to find it, and what was said first."""
    table = Table(title=title, show_header=False)
    for score in scores:
        table.add_row(score.name, score.expected, Text(score.first))
    return table
