"""Jobs on Postgres: how soon one begins, how many are done in a second, and what a worker costs that has none."""

import asyncio
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg
from rich.console import Group
from rich.table import Table

from benchmarks.acknowledgement import percentile
from benchmarks.job_worker import KIND, STEPS
from benchmarks.workspace import wait_for
from bot.app import migrate
from bot.commands.demo import MANIFEST
from models.database import Database
from sandbox.server import SandboxConfig, running_sandbox
from services.jobs.dbos_jobs import DbosJobs
from tests.support import postgres

WORKERS = 2
PLACES = 16  # TRIAGE_CONCURRENT_TRIAGES by default
SINGLE_JOBS, SINGLE_JOBS_A_SECOND = 300, 20
BATCH_JOBS = 800
LANES = 8
IDLE_SECONDS = 20
SETTLE_SECONDS = 10  # after its start a worker is busy with itself
# Every statement is a line of the server's log, BEGIN and COMMIT included; an empty one is a ping of the driver's.
STATEMENT = re.compile(r"LOG:  (?:statement|execute [^:]*): (?!;$)", re.MULTILINE)


def run() -> Group:
    with tempfile.TemporaryDirectory(prefix="triage-bench-") as folder, _server(Path(folder)) as server:
        with _database(server, "jobs") as url, _workers(Path(folder), url) as notes:
            waits = asyncio.run(_single_jobs(url, notes))
            done = asyncio.run(_batch(url, notes))
        with _database(server, "idle") as url:
            idle = asyncio.run(_idle_worker(Path(folder), server, url))
    return Group(_speed_table(waits, done), _idle_table(*idle))


@contextmanager
def _server(folder: Path) -> Iterator[str]:
    """The tests' own server, without fsync: the figures are of our statements and not of a disk."""
    folder.chmod(0o755)
    alive = folder / "alive"
    alive.write_text(str(os.getpid()))
    yield postgres.start(folder)
    alive.unlink()
    wait_for(lambda: not (folder / "postgres").exists())
    folder.mkdir(exist_ok=True)


@contextmanager
def _database(server: str, name: str) -> Iterator[str]:
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
    asyncio.run(_migrate(f"{server}/{name}"))
    yield f"{server}/{name}"


async def _migrate(url: str) -> None:
    database = Database(url)
    await migrate(database)
    await database.close()


@contextmanager
def _workers(folder: Path, url: str) -> Iterator[list[Path]]:
    notes = [folder / f"notes-{number}" for number in range(WORKERS)]
    with ExitStack() as stack:
        for note in notes:
            command = [sys.executable, "-m", "benchmarks.job_worker", url, str(PLACES), str(note)]
            process = stack.enter_context(subprocess.Popen(command))
            stack.callback(process.terminate)
        wait_for(lambda: all(note.exists() and "ready" in note.read_text() for note in notes))
        yield notes


def _noted(notes: list[Path], word: str, prefix: str) -> dict[str, float]:
    lines = [line.split() for note in notes for line in note.read_text().splitlines()]
    return {line[1]: float(line[2]) for line in lines if line[0] == word and line[1].startswith(prefix)}


@contextmanager
def _until(notes: list[Path], prefix: str, count: int) -> Iterator[None]:
    yield
    wait_for(lambda: len(_noted(notes, "ended", prefix)) == count)


async def _single_jobs(url: str, notes: list[Path]) -> list[float]:
    """Seconds from the commit that enqueues a job to its beginning, for jobs that come one by one."""
    database = Database(url)
    jobs = DbosJobs(database, concurrency=1)
    await jobs.start(work=False)
    committed = {}
    pause = random.Random(1)
    with _until(notes, "single", SINGLE_JOBS):
        for number in range(SINGLE_JOBS):
            await asyncio.sleep(pause.uniform(0, 2 / SINGLE_JOBS_A_SECOND))
            name = f"single{number}"
            async with database.write() as session:
                lane = f"T{number % LANES}"
                await jobs.enqueue(session, kind=KIND, job_id=name, argument=name, lane=lane)
                await session.commit()
            committed[name] = time.time()
    await jobs.stop()
    await database.close()
    began = _noted(notes, "began", "single")
    return [began[name] - at for name, at in committed.items()]


async def _batch(url: str, notes: list[Path]) -> dict[str, float]:
    """Jobs a second, of one workspace and of several: many at once, from the first beginning to the last end."""
    database = Database(url)
    jobs = DbosJobs(database, concurrency=1)
    await jobs.start(work=False)
    speeds = {}
    for title, lanes in (("one workspace", 1), (f"{LANES} workspaces", LANES)):
        prefix = f"batch{lanes}-"
        with _until(notes, prefix, BATCH_JOBS):
            async with database.write() as session:
                for number in range(BATCH_JOBS):
                    name = f"{prefix}{number}"
                    lane = f"T{number % lanes}"
                    await jobs.enqueue(session, kind=KIND, job_id=name, argument=name, lane=lane)
                await session.commit()
        took = max(_noted(notes, "ended", prefix).values()) - min(_noted(notes, "began", prefix).values())
        speeds[title] = BATCH_JOBS / took
    await jobs.stop()
    await database.close()
    return speeds


async def _idle_worker(folder: Path, server: str, url: str) -> tuple[float, float, dict[str, tuple[float, float]]]:
    """Of `triage worker` with nothing to do: statements and CPU seconds a second, and the memory of its processes."""
    config = SandboxConfig(app_url="http://127.0.0.1:9/slack/events", manifest=MANIFEST)
    async with running_sandbox(config) as sandbox:
        environment = {
            **os.environ,
            "SLACK_BOT_TOKEN": config.bot_token,
            "SLACK_SIGNING_SECRET": config.signing_secret,
            "DATABASE_URL": url,
            "TRIAGE_DATA_DIR": str(folder / "state"),
            "TRIAGE_SLACK_API_URL": sandbox.api_url,
        }
        command = [sys.executable, "-m", "bot.cli", "worker"]
        with (folder / "worker.log").open("wb") as log:
            worker = await asyncio.to_thread(subprocess.Popen, command, env=environment, stderr=log)
        try:
            await asyncio.to_thread(wait_for, lambda: "working" in (folder / "worker.log").read_text())
            await asyncio.sleep(SETTLE_SECONDS)
            _log_statements(server, on=True)
            before, cpu_before = _statements(folder), _cpu_seconds(worker.pid)
            await asyncio.sleep(IDLE_SECONDS)
            statements = _statements(folder) - before
            cpu_seconds = _cpu_seconds(worker.pid) - cpu_before
            _log_statements(server, on=False)
            memory = {_name_of(pid, worker.pid): _memory_megabytes(pid) for pid in _family(worker.pid)}
        finally:
            worker.terminate()
            await asyncio.to_thread(worker.wait, 30)
    return statements / IDLE_SECONDS, cpu_seconds / IDLE_SECONDS, memory


def _log_statements(server: str, *, on: bool) -> None:
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f"ALTER SYSTEM SET log_statement = '{'all' if on else 'none'}'")
        connection.execute("SELECT pg_reload_conf()")
    time.sleep(0.5)


def _statements(folder: Path) -> int:
    return len(STATEMENT.findall((folder / "postgres" / "server.log").read_text(errors="replace")))


def _family(pid: int) -> list[int]:
    """The process and all that came of it."""
    threads = Path(f"/proc/{pid}/task").iterdir()
    children = {int(child) for thread in threads for child in (thread / "children").read_text().split()}
    return [pid, *(each for child in sorted(children) for each in _family(child))]


def _name_of(pid: int, main: int) -> str:
    words = Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    kind = "main" if pid == main else "reader server" if "forkserver" in words else "helper"
    parents = re.search(r"PPid:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    is_reader = kind == "reader server" and parents and int(parents[1]) != main
    return f"{'reader' if is_reader else kind} ({pid})"


def _memory_megabytes(pid: int) -> tuple[float, float]:
    """RSS, and PSS: what is shared counts for each with its share."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    rss, pss = (int(re.search(rf"^{name}:\s+(\d+) kB", rollup, re.MULTILINE)[1]) for name in ("Rss", "Pss"))
    return rss / 1000, pss / 1000


def _cpu_seconds(pid: int) -> float:
    ticks = os.sysconf("SC_CLK_TCK")
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / ticks


def _speed_table(waits: list[float], speeds: dict[str, float]) -> Table:
    table = Table(title=f"{WORKERS} workers with {PLACES} places each, jobs of {len(STEPS)} steps")
    for column in ("what", "p50 ms", "p99 ms", "jobs/s"):
        table.add_column(column, justify="right" if column != "what" else "left")
    title = f"enqueue to start, {SINGLE_JOBS} jobs at {SINGLE_JOBS_A_SECOND} a second"
    table.add_row(title, f"{percentile(waits, 50) * 1000:.0f}", f"{percentile(waits, 99) * 1000:.0f}", "")
    for lanes, speed in speeds.items():
        table.add_row(f"{BATCH_JOBS} jobs at once, {lanes}", "", "", f"{speed:.0f}")
    return table


def _idle_table(statements: float, cpu_share: float, memory: dict[str, tuple[float, float]]) -> Table:
    title = f"`triage worker` with nothing to do: {statements:.0f} statements/s, {cpu_share:.1%} of a CPU"
    table = Table(title=title)
    for column in ("process", "RSS MB", "PSS MB"):
        table.add_column(column, justify="right" if column != "process" else "left")
    for name, (rss, pss) in memory.items():
        table.add_row(name.partition(" (")[0], f"{rss:.0f}", f"{pss:.0f}")
    return table
