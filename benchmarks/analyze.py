"""How fast a log is analysed: megabytes a CPU second, beside grep looking for four words in the same bytes."""

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from rich.table import Table

from benchmarks.processes import Cost, cost_of
from sandbox.samples.scene import APPLICATION, DATABASE, PROXY
from sandbox.samples.story import write_samples

TOTAL_BYTES = 50_000_000
ROUNDS = 3  # the best of them counts: noise only ever adds
GREP = ["grep", "-ciE", "error|fail|fatal|exception"]
ANALYZE = [str(Path(sys.executable).with_name("triage")), "analyze", "--format", "json"]


def run() -> Table:
    """One row a log and one for the three together."""
    table = Table(title=f"triage analyze beside {' '.join(GREP)} (best of {ROUNDS})")
    table.add_column("log", no_wrap=True)
    for column in ("MB", "seconds", "CPU s", "MB per CPU s", "peak RSS MB", "grep's MB per CPU s", "ratio"):
        table.add_column(column, justify="right")
    with tempfile.TemporaryDirectory(prefix="triage-bench-") as folder:
        write_samples(Path(folder), total_bytes=TOTAL_BYTES)
        logs = [Path(folder) / name for name in (APPLICATION, DATABASE, PROXY)]
        for files in ([logs[0]], [logs[1]], [logs[2]], logs):
            table.add_row(*_row(files))
    return table


def _row(files: list[Path]) -> list[str]:
    megabytes = sum(path.stat().st_size for path in files) / 1e6
    ours = _best([*ANALYZE, *files])
    grep = _best([*GREP, *files])
    speed, grep_speed = megabytes / ours.cpu_seconds, megabytes / grep.cpu_seconds
    return [
        files[0].name if len(files) == 1 else "all three",
        f"{megabytes:.1f}",
        f"{ours.seconds:.2f}",
        f"{ours.cpu_seconds:.2f}",
        f"{speed:.1f}",
        f"{ours.peak_rss_bytes / 1e6:.0f}",
        f"{grep_speed:.0f}",
        f"{grep_speed / speed:.0f}",
    ]


def _best(command: Sequence[str | Path]) -> Cost:
    return min((cost_of(command) for _ in range(ROUNDS)), key=lambda cost: cost.cpu_seconds)
