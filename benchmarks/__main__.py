"""`python -m benchmarks [name ...]`: run the benchmarks, or those that are named, and print their tables."""

import argparse
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from rich.console import Console, RenderableType

from benchmarks import accuracy, acknowledgement, analyze, engine, flood, jobs, problems, ranking_weights, triage
from benchmarks.incidents.sets import POOLS, SETS

BENCHMARKS: dict[str, Callable[[], RenderableType]] = {
    "accuracy": accuracy.run,
    "acknowledgement": acknowledgement.run,
    "analyze": analyze.run,
    "engine": engine.run,
    "flood": flood.run,
    "jobs": jobs.run,
    "problems": problems.run,
    "triage": triage.run,
}
# Takes minutes, or labelled logs that are nobody's but one's own: run where it is named.
_WHERE_NAMED = "ranking_weights"
_PIPED_WIDTH = 120


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure, and print tables.")
    parser.add_argument(
        "names",
        nargs="*",
        metavar="name",
        help=f"one of: {', '.join([*BENCHMARKS, _WHERE_NAMED])}; all but the last if none is named",
    )
    of_accuracy = parser.add_argument_group("accuracy")
    of_accuracy.add_argument("--sets", default=",".join(SETS), help="letters of the sets, comma-separated; none: ''")
    of_accuracy.add_argument("--seed", choices=POOLS, help="one pool of phrasings only")
    of_accuracy.add_argument("--limit", type=int, default=60, help="cases of each set and pool")
    of_accuracy.add_argument("--first", type=int, default=0, help="the first case's number: other cases, other draws")
    of_accuracy.add_argument("--cases", type=Path, help="a cases.jsonl of labelled logs to score as well")
    of_accuracy.add_argument("--misses", action="store_true", help="list the cases that went wrong, but not held ones")
    of_accuracy.add_argument("--write", type=Path, metavar="FOLDER", help="write the cases and labels there instead")
    of_weights = parser.add_argument_group(_WHERE_NAMED, "on all of --cases, and only where it is named")
    of_weights.add_argument("--fit", action="store_true", help="fit the weights, and judge held out; takes minutes")
    options = parser.parse_args()
    names = options.names or list(BENCHMARKS)
    known = [*BENCHMARKS, _WHERE_NAMED]
    if unknown := [name for name in names if name not in known]:
        parser.error(f"there is no benchmark {unknown[0]!r}; there are: {', '.join(known)}")
    if _WHERE_NAMED in names and not options.cases:
        parser.error(f"{_WHERE_NAMED} needs labelled logs: name them with --cases")
    choice = _choice(options)
    if options.write:
        accuracy.write_cases(choice, options.write)
        return
    BENCHMARKS["accuracy"] = partial(accuracy.run, choice)
    BENCHMARKS[_WHERE_NAMED] = partial(ranking_weights.run, options.cases, is_fitting=options.fit)
    console = Console(width=None if sys.stdout.isatty() else _PIPED_WIDTH)
    for name in names:
        console.print(BENCHMARKS[name]())


def _choice(options: argparse.Namespace) -> accuracy.Choice:
    return accuracy.Choice(
        sets=[name for name in options.sets.split(",") if name in SETS],
        pools=(options.seed,) if options.seed else POOLS,
        limit=options.limit,
        first=options.first,
        cases=options.cases,
        misses=options.misses,
    )


if __name__ == "__main__":
    main()
