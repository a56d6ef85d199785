"""What a large log costs the engine, beside grep and (where it is installed) drain3 in the same run."""

import importlib.util
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.table import Table

from benchmarks.log_corpora import CORPORA, write_corpus
from benchmarks.processes import Cost, cost_of

# BENCH_MB names other sizes, comma-separated; 4000 takes four gigabytes of disk.
SIZES_MB = [int(size) for size in os.environ.get("BENCH_MB", "1,50,1000").split(",")]
GREP = ["grep", "-ciE", "error|fail|fatal|exception"]
_SCAN = """
import sys
from pathlib import Path
from services.logs.reading import scan_upload
scan_upload(Path(sys.argv[1]), "log")
"""
_DRAIN = """
import sys
from drain3 import TemplateMiner
miner = TemplateMiner()
for line in open(sys.argv[1], errors="replace"):
    miner.add_log_message(line.rstrip())
"""
# drain3 takes minutes for more, and its cost a line is the same.
_DRAIN_BYTES = 5_000_000


def run() -> Table:
    """A row a corpus and size: reading alone, the whole analysis, grep, drain3."""
    subprocess.run([sys.executable, "-m", "services.logs.warm"], check=True)
    table = Table(title="The log engine; MB per CPU second of whole processes")
    for column in ("log", "MB", "scan s", "scan", "scan peak RSS MB", "analyze s", "analyze", "analyze peak RSS MB"):
        table.add_column(column, justify="right")
    table.add_column("grep", justify="right")
    table.add_column("drain3", justify="right")
    with tempfile.TemporaryDirectory(prefix="triage-bench-") as folder:
        for name in CORPORA:
            for size in SIZES_MB:
                log = Path(folder) / f"{name}.log"
                write_corpus(log, name, total_bytes=size * 1_000_000)
                table.add_row(name, *_row(log))
                log.unlink()
    return table


def _row(log: Path) -> list[str]:
    megabytes = log.stat().st_size / 1e6
    scan = cost_of([sys.executable, "-c", _SCAN, log])
    analyze = cost_of([Path(sys.executable).with_name("triage"), "analyze", "--format", "json", log])
    grep = _grep(log)
    return [
        f"{megabytes:.0f}",
        *_figures(scan, megabytes),
        *_figures(analyze, megabytes),
        f"{megabytes / grep.cpu_seconds:.0f}" if grep else "no match",
        _drain(log),
    ]


def _grep(log: Path) -> Cost | None:
    """None where nothing matches, which grep calls a failure."""
    try:
        return cost_of([*GREP, log])
    except subprocess.CalledProcessError:
        return None


def _figures(cost: Cost, megabytes: float) -> list[str]:
    return [f"{cost.seconds:.2f}", f"{megabytes / cost.cpu_seconds:.0f}", f"{cost.peak_rss_bytes / 1e6:.0f}"]


def _drain(log: Path) -> str:
    if importlib.util.find_spec("drain3") is None:
        return "not installed"
    head = log.with_suffix(".head")
    with log.open("rb") as file:
        head.write_bytes(file.read(_DRAIN_BYTES))
    cost = cost_of([sys.executable, "-c", _DRAIN, head])
    return f"{head.stat().st_size / 1e6 / cost.cpu_seconds:.1f}"
