"""How often the diagnosis is right: on logs made from a seed and on labelled ones, and if it knows how sure to be."""

import os
import tempfile
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from rich.console import Group
from rich.table import Table

from benchmarks import labelled_logs
from benchmarks.accuracy_tables import calibration_table, measures_table, missed_table
from benchmarks.incidents.scoring import Score, score
from benchmarks.incidents.sets import POOLS, SETS
from services.triage.report import NamedFile, analyze_files

_PROCESSES = 2
_NICENESS = 10
# A hostile case is a needle once more: it would count twice.
_NOT_CALIBRATED = "X"


@dataclass(frozen=True, slots=True)
class Choice:
    """Which sets and pools to score, how many cases of each from which on, labelled logs; whether to list misses."""

    sets: Sequence[str] = tuple(SETS)
    pools: Sequence[str] = POOLS
    limit: int = 60
    first: int = 0
    cases: Path | None = None
    misses: bool = False

    @property
    def indexes(self) -> range:
        return range(self.first, self.first + self.limit)


def run(choice: Choice | None = None) -> Group:
    """Tables of the measures and of the calibration, then the cases that went wrong if they were asked for."""
    choice = choice or Choice()
    with ProcessPoolExecutor(_PROCESSES, mp_context=get_context("spawn"), initializer=_be_nice) as processes:
        made = {name: _generated(processes, name, choice) for name in choice.sets}
        labelled = _labelled(processes, choice)
    return Group(*_tables(made, labelled), *(_missed(made) if choice.misses else ()))


def write_cases(choice: Choice, folder: Path) -> None:
    """Write the generated cases into a folder each, with their labels, to look at."""
    for name in choice.sets:
        for pool in choice.pools:
            for index in choice.indexes:
                case = SETS[name].make(pool, index)
                case.write(folder / case.name)


def _be_nice() -> None:
    os.nice(_NICENESS)


def _generated(processes: ProcessPoolExecutor, name: str, choice: Choice) -> dict[str, list[Score]]:
    """The scores of a set by pool."""
    return {
        pool: list(processes.map(partial(_scored, name, pool), choice.indexes, chunksize=4)) for pool in choice.pools
    }


def _scored(name: str, pool: str, index: int) -> Score:
    case = SETS[name].make(pool, index)
    with tempfile.TemporaryDirectory(prefix="triage-accuracy-") as folder:
        files = [NamedFile(path, path.name) for path in case.write(Path(folder))]
        good = NamedFile(Path(folder) / "baseline.log", "baseline.log") if case.baseline else None
        without = NamedFile(Path(folder) / "without.log", files[0].name) if case.without else None
        report = analyze_files(files, baseline=good)
        return score(case.name, case.label, report, without=analyze_files([without]) if without else None)


def _labelled(processes: ProcessPoolExecutor, choice: Choice) -> dict[str, dict[str, list[Score]]]:
    """The scores of the labelled logs by set, all of one pool."""
    logs = labelled_logs.labelled_logs(choice.cases, choice.limit) if choice.cases else []
    scores = processes.map(labelled_logs.scored, logs, chunksize=8)
    by_set: dict[str, dict[str, list[Score]]] = {}
    for log, scored in zip(logs, scores, strict=True):
        by_set.setdefault(log.of_set, {"labelled": []})["labelled"].append(scored)
    return by_set


def _tables(made: dict[str, dict[str, list[Score]]], labelled: dict[str, dict[str, list[Score]]]) -> Iterable[Table]:
    if made:
        title = "Accuracy on generated logs (tune: to look at; hold: never looked at)"
        wanted = {(_named(name), measure): figure for name in made for measure, figure in SETS[name].wanted.items()}
        yield measures_table(title, {_named(name): of_pool for name, of_pool in made.items()}, wanted)
        judged = [one for name in made if name != _NOT_CALIBRATED for of in made[name].values() for one in of]
        yield calibration_table("What confidence is worth, generated logs", judged)
    if labelled:
        yield measures_table("Accuracy on labelled logs", labelled, labelled_logs.WANTED)
        judged = [one for name, of_pool in labelled.items() if "," not in name for of in of_pool.values() for one in of]
        yield calibration_table("What confidence is worth, labelled logs", judged)


def _named(name: str) -> str:
    return f"{name} {SETS[name].about}"


def _missed(made: dict[str, dict[str, list[Score]]]) -> Iterable[Table]:
    """Those of the pool to tune on that miss what is wanted: the pool that is held stays unseen."""
    for name, of_pool in made.items():
        missed = [one for one in of_pool.get("tune", []) if SETS[name].is_missed(one.measures)]
        yield missed_table(f"{_named(name)}: missed", missed)
