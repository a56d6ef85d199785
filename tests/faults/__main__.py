"""`python -m tests.faults`: kill the bot at every point of its work, and count what was lost, doubled or repeated."""

# ruff: noqa: T201 - a command that prints

import argparse
import asyncio
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from tests.faults.bench import Bench, Kind
from tests.faults.databases import Postgres, Sqlite, working_folder
from tests.faults.guards import BROKEN, GUARDS
from tests.faults.points import POINTS
from tests.faults.run import CHECKS, run_check, run_points
from tests.faults.supervised import nursery
from tests.faults.table import Result, head, verdict
from tests.support import postgres

DATABASES = ("sqlite", "postgres")
STOPPED = 130  # as a shell says of Ctrl-C


def main() -> int:
    options = _options()
    if options.list:
        print("\n".join(f"{each.name:<22} {each.what}" for each in (*POINTS, *CHECKS)))
        return 0
    _require_known(options.only)
    print(f"seeds {options.seed} to {options.seed + options.trials - 1}, {options.lanes} lanes")
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # whoever ends us: nothing is left behind
    started = time.monotonic()
    try:
        with working_folder() as folder:
            results = asyncio.run(_run(options, folder))
    except KeyboardInterrupt:
        print("Stopped; what is printed above is complete, the rest was not run.")
        return STOPPED
    print(verdict(results), f"({(time.monotonic() - started) / 60:.1f} minutes)")
    return 0 if all(result.is_clean for result in results) else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--list", action="store_true", help="name the checks and end")
    parser.add_argument("--only", default="", help="the checks to run, by name, with commas (default: all)")
    parser.add_argument("--trials", type=int, default=20, help="of each kill point on each database (default: 20)")
    parser.add_argument("--database", choices=DATABASES, help="one of them (default: both)")
    parser.add_argument("--seed", type=int, default=1, help="of the first trial; each has the next (default: 1)")
    parser.add_argument("--lanes", type=int, default=2, help="workspaces side by side (default: 2)")
    parser.add_argument("--minutes", type=float, default=5.0, help="of the bad day (default: 5)")
    parser.add_argument("--break", dest="broken", choices=sorted(GUARDS), help="break a guard: the checks must see it")
    return parser.parse_args()


def _require_known(only: str) -> None:
    unknown = set(filter(None, only.split(","))) - {each.name for each in (*POINTS, *CHECKS)}
    if unknown:
        sys.exit(f"There is no check named {', '.join(sorted(unknown))}; --list names them.")


async def _run(options: argparse.Namespace, folder: Path) -> list[Result]:
    wanted = set(filter(None, options.only.split(","))) or {each.name for each in (*POINTS, *CHECKS)}
    results: list[Result] = []
    print(head())
    async with nursery() as bots:
        for kind in _databases(options.database, folder):
            bench = Bench(
                bots,
                kind,
                folder,
                range(options.seed, options.seed + options.trials),
                minutes=options.minutes,
                settings={BROKEN: options.broken} if options.broken else {},
            )
            points = [point for point in POINTS if point.name in wanted]
            results += await run_points(bench, points, lanes=options.lanes, say=_say)
            for check in CHECKS:
                if check.name in wanted and kind.name in check.databases:
                    results.append(await run_check(bench, check))
                    _say(results[-1])
    return results


def _say(result: Result) -> None:
    print(result.line, flush=True)


def _databases(only: str | None, folder: Path) -> Iterator[Kind]:
    if only != "postgres":
        yield Sqlite(folder)
    if only != "sqlite":
        yield Postgres(postgres.start(folder))


if __name__ == "__main__":
    sys.exit(main())
