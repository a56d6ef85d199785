"""How often the diagnosis is right: on logs made from a seed, with what it says of its own certainty."""

import os
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from rich.console import Group
from rich.table import Table

from benchmarks.incidents.case import Case
from benchmarks.incidents.healthy import healthy_case
from benchmarks.incidents.needles import needle_case
from benchmarks.incidents.scoring import Score, score
from benchmarks.incidents.service_incidents import incident_case
from services.triage.report import NamedFile, analyze_files

POOLS = ("tune", "hold")
SETS: dict[str, tuple[str, Callable[[str, int], Case]]] = {
    "K": ("needles in ordinary lines", needle_case),
    "S": ("incidents of services", incident_case),
    "H": ("healthy logs", healthy_case),
}
# What is wanted of each set: a least share, or a most where the measure is an error.
_WANTED = {
    ("K", "hit@10"): ">= .90",
    ("S", "service@1"): ">= .60",
    ("H", "sure"): "<= .10",
}
_PROCESSES = 2
_NICENESS = 10


@dataclass(frozen=True, slots=True)
class Choice:
    """Which sets and pools to score, how many cases of each, and whether to list those that went wrong."""

    sets: Sequence[str] = tuple(SETS)
    pools: Sequence[str] = POOLS
    limit: int = 60
    misses: bool = False


def run(choice: Choice | None = None) -> Group:
    """A table of the measures by set and pool, then the cases that went wrong if they were asked for."""
    choice = choice or Choice()
    scores: dict[tuple[str, str], list[Score]] = {}
    with ProcessPoolExecutor(_PROCESSES, mp_context=get_context("spawn"), initializer=_be_nice) as pool:
        for of_set in choice.sets:
            for of_pool in choice.pools:
                scored = pool.map(partial(_scored, of_set, of_pool), range(choice.limit), chunksize=4)
                scores[of_set, of_pool] = list(scored)
    return Group(_table(scores), *(_missed(scores) if choice.misses else ()))


def write_cases(choice: Choice, folder: Path) -> None:
    """Write the cases into a folder each, with their labels, to look at."""
    for of_set in choice.sets:
        for of_pool in choice.pools:
            for index in range(choice.limit):
                case = SETS[of_set][1](of_pool, index)
                case.write(folder / case.name)


def _be_nice() -> None:
    os.nice(_NICENESS)


def _scored(of_set: str, of_pool: str, index: int) -> Score:
    case = SETS[of_set][1](of_pool, index)
    with tempfile.TemporaryDirectory(prefix="triage-accuracy-") as folder:
        files = [NamedFile(path, path.name) for path in case.write(Path(folder))]
        baseline = NamedFile(Path(folder) / "baseline.log", "baseline.log") if case.baseline else None
        return score(case.name, case.label, analyze_files(files, baseline=baseline))


def _table(scores: dict[tuple[str, str], list[Score]]) -> Table:
    table = Table(title="Accuracy on generated logs (tune: what rules may be fitted to; hold: never looked at)")
    for column in ("set", "measure", "wanted", *sorted({pool for _, pool in scores}, reverse=True)):
        table.add_column(column, justify="left" if column in {"set", "measure"} else "right")
    for of_set in dict.fromkeys(of_set for of_set, _ in scores):
        by_pool = {pool: _means(rows) for (name, pool), rows in sorted(scores.items(), reverse=True) if name == of_set}
        count = len(next(rows for (name, _), rows in scores.items() if name == of_set))
        for measure in next(iter(by_pool.values())):
            figures = [f"{means[measure]:.2f}" for means in by_pool.values()]
            wanted = _WANTED.get((of_set, measure), "")
            table.add_row(f"{of_set} {SETS[of_set][0]} ({count})", measure, wanted, *figures)
        table.add_section()
    return table


def _means(scores: Iterable[Score]) -> dict[str, float]:
    values: dict[str, list[float]] = defaultdict(list)
    for one in scores:
        for measure, value in one.measures.items():
            values[measure].append(value)
    return {measure: sum(found) / len(found) for measure, found in values.items()}


def _missed(scores: dict[tuple[str, str], list[Score]]) -> Iterable[Table]:
    """The cases that miss the measure wanted of their set, with what was said first. Those held out stay unseen."""
    wanted = dict(_WANTED)
    for (of_set, of_pool), rows in scores.items():
        measure = next((name for letter, name in wanted if letter == of_set), None)
        if measure is None or of_pool == "hold":
            continue
        is_error = wanted[of_set, measure].startswith("<")
        table = Table("case", "what was said first", title=f"{of_set} {of_pool}: {measure} missed", show_header=False)
        for row in rows:
            if bool(row.measures[measure]) == is_error:
                table.add_row(row.name, row.first)
        yield table
