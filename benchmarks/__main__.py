"""`python -m benchmarks [name ...]`: run the benchmarks, or those that are named, and print their tables."""

import argparse
import sys
from collections.abc import Callable

from rich.console import Console, RenderableType

from benchmarks import acknowledgement, analyze, engine, triage

BENCHMARKS: dict[str, Callable[[], RenderableType]] = {
    "acknowledgement": acknowledgement.run,
    "analyze": analyze.run,
    "engine": engine.run,
    "triage": triage.run,
}
_PIPED_WIDTH = 120


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure, and print tables.")
    parser.add_argument(
        "names", nargs="*", metavar="name", help=f"one of: {', '.join(BENCHMARKS)}; all if none is named"
    )
    names = parser.parse_args().names or list(BENCHMARKS)
    if unknown := [name for name in names if name not in BENCHMARKS]:
        parser.error(f"there is no benchmark {unknown[0]!r}; there are: {', '.join(BENCHMARKS)}")
    console = Console(width=None if sys.stdout.isatty() else _PIPED_WIDTH)
    for name in names:
        console.print(BENCHMARKS[name]())


if __name__ == "__main__":
    main()
