"""`python -m tests.fuzz`: throw hostile uploads at the engine for a while, and keep those it did not bear."""

import argparse
import sys
import time
from collections import Counter
from pathlib import Path

from tests.fuzz.trial import Outcome, try_seed

_SLOWEST_SHOWN = 5


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--seconds", type=float, default=600.0, help="how long (default: 600)")
    parser.add_argument("--seed", type=int, default=1, help="the first seed; each upload has the next (default: 1)")
    parser.add_argument("--count", type=int, default=sys.maxsize, help="at most so many uploads")
    parser.add_argument("--keep", type=Path, default=Path(".fuzz"), help="folder for what fails (default: .fuzz)")
    options = parser.parse_args()
    options.keep.mkdir(parents=True, exist_ok=True)
    outcomes, deadline = [], time.monotonic() + options.seconds
    for seed in range(options.seed, options.seed + options.count):
        if time.monotonic() > deadline:
            break
        outcomes.append(try_seed(seed, options.keep))
        if outcomes[-1].fault:
            print(
                f"seed {seed} ({outcomes[-1].kind}), kept as {options.keep}/fuzz-{seed}:\n{outcomes[-1].fault}",
                flush=True,
            )
    _sum_up(outcomes)
    return 1 if any(outcome.fault for outcome in outcomes) else 0


def _sum_up(outcomes: list[Outcome]) -> None:
    kinds = ", ".join(f"{count} {kind}" for kind, count in Counter(outcome.kind for outcome in outcomes).most_common())
    faults = sum(outcome.fault is not None for outcome in outcomes)
    print(f"{len(outcomes)} uploads ({kinds}): {faults} with faults")
    for slow in sorted(outcomes, key=lambda outcome: outcome.cpu_seconds / outcome.limit_seconds)[-_SLOWEST_SHOWN:]:
        print(f"  seed {slow.seed} ({slow.kind}): {slow.cpu_seconds:.1f} of {slow.limit_seconds:.1f} CPU seconds")


if __name__ == "__main__":
    sys.exit(main())
