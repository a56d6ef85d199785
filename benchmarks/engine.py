"""What a large log costs the engine, and what grep, drain3 and lnav take for the same bytes in the same run."""

import gzip
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import zstandard
from rich.console import Group
from rich.table import Table

from benchmarks.log_corpora import CORPORA, write_corpus
from benchmarks.processes import Cost, cost_of

PACKED = {"plain.gz": "gzip", "plain.zst": "zstd"}
# BENCH_MB names other sizes, comma-separated (4000 takes four gigabytes of disk), BENCH_LOGS some of the logs.
SIZES_MB = [int(size) for size in os.environ.get("BENCH_MB", "1,50,1000").split(",")]
LOGS = os.environ.get("BENCH_LOGS", ",".join([*CORPORA, *PACKED])).split(",")
GREP = ["grep", "-ciE", "error|fail|fatal|exception"]
# In a short run the start weighs, and noise only ever adds: the best of three counts there.
_REPEATED_MB, _ROUNDS = 100, 3
_SCAN = """
import sys
from pathlib import Path
from services.logs.reading import scan_upload
scan_upload(Path(sys.argv[1]), "log")
"""
# drain3 takes many minutes for a gigabyte: it reads for so long, and prints how far it came.
_DRAIN_SECONDS = 20
_DRAIN = f"""
import sys, time
from drain3 import TemplateMiner
from drain3.template_miner_config import TemplateMinerConfig
miner = TemplateMiner(config=TemplateMinerConfig())
size = 0
for line in open(sys.argv[1], "rb"):
    miner.add_log_message(line.decode(errors="replace").rstrip())
    size += len(line)
    if time.process_time() > {_DRAIN_SECONDS}:
        break
print(size)
"""
_LNAV = ["lnav", "-n", "-c", ";SELECT count(*) AS lines FROM all_logs"]


@dataclass(frozen=True)
class Measured:
    """Costs on one log, and the speed of peers in MB of text per CPU second: None where one does not take part."""

    name: str
    megabytes: float
    scan: Cost
    analyze: Cost
    grep: float | None
    drain: float | None
    lnav: float | None
    lnav_share: float

    @property
    def scan_speed(self) -> float:
        return self.megabytes / self.scan.cpu_seconds

    @property
    def analyze_speed(self) -> float:
        return self.megabytes / self.analyze.cpu_seconds


def run() -> Group:
    """Two tables of a row a log and size: what the engine takes, and how that compares."""
    subprocess.run([sys.executable, "-m", "services.logs.warm"], check=True)
    with tempfile.TemporaryDirectory(prefix="triage-bench-") as folder:
        rows = [_measure(Path(folder), name, size) for name in LOGS for size in SIZES_MB]
    return Group(_engine_table(rows), _peers_table(rows))


def _measure(folder: Path, name: str, size_mb: int) -> Measured:
    text = folder / "text.log"
    write_corpus(text, name.partition(".")[0], total_bytes=size_mb * 1_000_000)
    megabytes = text.stat().st_size / 1e6
    log = _packed(text, folder / name) if name in PACKED else text
    scan, analyze, grep = _in_turn(
        [sys.executable, "-c", _SCAN, log],
        [Path(sys.executable).with_name("triage"), "analyze", "--format", "json", log],
        _unpacked_by(PACKED[name], log) if name in PACKED else [*GREP, log],
        rounds=_ROUNDS if megabytes < _REPEATED_MB else 1,
    )
    assert scan
    assert analyze
    drain, (lnav, share) = (None, (None, 0.0)) if name in PACKED else (_drain_speed(text), _lnav_speed(text, folder))
    log.unlink()
    return Measured(name, megabytes, scan, analyze, megabytes / grep.cpu_seconds if grep else None, drain, lnav, share)


def _packed(text: Path, packed: Path) -> Path:
    """The log as `gzip` or `zstd` pack it unless told otherwise, in place of the text."""
    with text.open("rb") as source, packed.open("wb") as target:
        if packed.suffix == ".gz":
            with gzip.GzipFile(fileobj=target, mode="wb", compresslevel=6) as gzipped:
                shutil.copyfileobj(source, gzipped, 1 << 20)
        else:
            zstandard.ZstdCompressor().copy_stream(source, target)
    text.unlink()
    return packed


def _unpacked_by(program: str, log: Path) -> list[str | Path]:
    return ["sh", "-c", f"{program} -dc \"$1\" | {GREP[0]} {GREP[1]} '{GREP[2]}'", program, log]


def _in_turn(*commands: Sequence[str | Path], rounds: int) -> list[Cost | None]:
    """The cheapest run of each. None for a peer that fails: grep calls it a failure that nothing matches."""
    costs = [[_cost_or_none(command) for command in commands] for _ in range(rounds)]
    return [
        min((cost for cost in runs if cost), key=lambda cost: cost.cpu_seconds, default=None)
        for runs in zip(*costs, strict=True)
    ]


def _cost_or_none(command: Sequence[str | Path]) -> Cost | None:
    try:
        return cost_of(command)
    except subprocess.CalledProcessError:
        return None


def _drain_speed(log: Path) -> float | None:
    if importlib.util.find_spec("drain3") is None:
        return None
    cost = cost_of([sys.executable, "-c", _DRAIN, log])
    return int(cost.output) / 1e6 / cost.cpu_seconds


def _lnav_speed(log: Path, folder: Path) -> tuple[float | None, float]:
    """Its speed, and the share of the lines it took as those of a log: it settles on one format a file."""
    if shutil.which(_LNAV[0]) is None:
        return None, 0.0
    cost = cost_of([*_LNAV, log], environment=os.environ | {"HOME": str(folder)})
    with log.open("rb") as file:
        lines = sum(piece.count(b"\n") for piece in iter(lambda: file.read(1 << 20), b""))
    return log.stat().st_size / 1e6 / cost.cpu_seconds, int(cost.output.split()[-1]) / lines


def _engine_table(rows: list[Measured]) -> Table:
    table = Table(title="The log engine, whole processes")
    for column in ("log", "MB", "scan s", "MB/CPU s", "RSS MB", "analyze s", "MB/CPU s", "RSS MB"):
        table.add_column(column, justify="right")
    for row in rows:
        table.add_row(
            row.name,
            f"{row.megabytes:.0f}",
            *_figures(row.scan, row.scan_speed),
            *_figures(row.analyze, row.analyze_speed),
        )
    return table


def _figures(cost: Cost, speed: float) -> list[str]:
    return [f"{cost.seconds:.2f}", f"{speed:.0f}", f"{cost.peak_rss_bytes / 1e6:.0f}"]


_PEERS: dict[str, Callable[[Measured], str]] = {
    "log": lambda row: row.name,
    "MB": lambda row: f"{row.megabytes:.0f}",
    "scan": lambda row: f"{row.scan_speed:.0f}",
    "grep": lambda row: _shown(row.grep),
    "scan / grep": lambda row: _times(row.grep, row.scan_speed),
    "analyze / grep": lambda row: _times(row.grep, row.analyze_speed),
    "drain3": lambda row: _shown(row.drain),
    "drain3 / scan": lambda row: _times(row.scan_speed, row.drain),
    "lnav": lambda row: _shown(row.lnav),
    "its lines": lambda row: f"{row.lnav_share:.0%}" if row.lnav else "-",
}


def _peers_table(rows: list[Measured]) -> Table:
    lnav = "" if shutil.which(_LNAV[0]) else "; lnav is not installed"
    table = Table(title=f"Beside peers: MB per CPU second, and CPU seconds as a multiple{lnav}")
    for column in _PEERS:
        table.add_column(column, justify="right")
    for row in rows:
        table.add_row(*(shown(row) for shown in _PEERS.values()))
    return table


def _shown(speed: float | None) -> str:
    return "-" if speed is None else f"{speed:.1f}" if speed < 10 else f"{speed:.0f}"


def _times(speed: float | None, slower: float | None) -> str:
    """How many times the CPU the slower one takes."""
    return f"{speed / slower:.1f}" if speed and slower else "-"
