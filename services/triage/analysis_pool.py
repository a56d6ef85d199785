"""The log engine runs in processes of its own: never in the event loop, at a lower priority, with a time limit."""

import asyncio
import logging
import mmap
import multiprocessing
import os
import signal
import struct
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pebble import ProcessExpired, ProcessPool

from services.jobs.jobs import StepFailed
from services.logs.limits import ReadLimits
from services.pictures.drawing import Picture
from services.triage.turns import Turns

if TYPE_CHECKING:
    from services.triage.report import Analysis

log = logging.getLogger(__name__)

NICENESS = 10  # acknowledging Slack within its three seconds comes before reading faster
PROGRESS_SECONDS = 0.5
_COUNTS = struct.Struct("<QQQ")
LOST_SECONDS = 30.0  # beyond its time limit: the pool has lost track of an analysis, and would wait for ever
# How a process ends when a service is being stopped and its readers, or the server that forks them (255), hear of it
# before we do: that is not the file's doing.
_STOPPED = (signal.SIGTERM, -signal.SIGTERM, 255)


class ReaderLost(Exception):
    """The process that read was lost through no fault of the file's; another attempt will do."""


class AnalysisFailed(StepFailed):
    """The engine did not come back with a report; the message is a sentence for the thread."""


@dataclass(frozen=True, slots=True)
class ProgressCounts:
    bytes_read: int
    bytes_total: int
    lines: int


@dataclass(frozen=True, slots=True)
class Analyzed:
    """`report`: as JSON. `picture`: None where there is nothing to draw."""

    report: bytes
    picture: Picture | None


class AnalysisPool:
    """Processes that turn files into a report and its picture.

    Args:
        processes: how many analyses run at the same time; so many `turns` there are.
        timeout_seconds: after this long an analysis is ended; the report would come too late to help.
        problems_dir: a folder of rules for known problems beside our own.
    """

    def __init__(
        self, *, processes: int, timeout_seconds: float, limits: ReadLimits, problems_dir: Path | None = None
    ) -> None:
        self._processes = processes
        self._pool = self._fresh_pool()
        self.turns = Turns(processes)
        self._jobs: set[Future[Analyzed]] = set()
        self._timeout_seconds = timeout_seconds
        self._limits = limits
        self._problems_dir = problems_dir

    @property
    def busy(self) -> int:
        """How many analyses run now."""
        return len(self._jobs)

    async def warm(self) -> None:
        """Start the processes and load the engine, so that the first upload does not wait for it."""
        loading = await asyncio.to_thread(self._pool.schedule, _load_engine)
        await asyncio.wrap_future(loading)

    async def analyze(
        self, files: Sequence[tuple[Path, str]], *, on_progress: Callable[[ProgressCounts], None]
    ) -> Analyzed:
        """The report over `files` (path and name to show), and its picture. The caller holds one of the `turns`.

        Raises:
            AnalysisFailed: the engine ran out of time or was ended; a sentence says so.
            ReaderLost: a passing fault.
        """
        with _progress_file() as progress_path:
            watcher = asyncio.create_task(_watch(progress_path, on_progress))
            try:
                return await self._read(list(files), progress_path)
            except TimeoutError:
                raise AnalysisFailed(
                    f"Reading took longer than {self._timeout_seconds:.0f} s (TRIAGE_ANALYSIS_TIMEOUT_SECONDS) and "
                    "was ended; upload the window around the failure."
                ) from None
            finally:
                watcher.cancel()

    async def _read(self, files: list[tuple[Path, str]], progress_path: Path) -> Analyzed:
        pool = await self._working_pool()
        args = (files, self._limits, self._problems_dir, str(progress_path))
        job = pool.schedule(_analyze, args=args, timeout=self._timeout_seconds)
        self._jobs.add(job)
        try:
            async with asyncio.timeout(self._timeout_seconds + LOST_SECONDS) as patience:
                return await asyncio.wrap_future(job)
        except ProcessExpired as error:
            if error.exitcode in _STOPPED:
                raise ReaderLost from error
            raise AnalysisFailed(
                f"The process that read the file ended with code {error.exitcode}, most likely for want of memory; "
                "upload the window around the failure."
            ) from None
        except (BrokenProcessPool, asyncio.CancelledError) as error:
            if _is_being_cancelled():
                raise
            raise ReaderLost from error
        finally:
            self._jobs.discard(job)
            if patience.expired():
                pool.stop()

    async def _working_pool(self) -> ProcessPool:
        """A pool breaks when a process of it is killed at rest: another takes its place."""
        if not self._pool.active:
            broken, self._pool = self._pool, self._fresh_pool()
            await self._end(broken)
        return self._pool

    def _fresh_pool(self) -> ProcessPool:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["services.triage.preloaded"])
        return ProcessPool(max_workers=self._processes, initializer=os.nice, initargs=(NICENESS,), context=context)

    async def _end(self, pool: ProcessPool) -> None:
        """End its processes. A pool forgets who waits for it, so they are told here: their futures are cancelled."""
        pool.stop()
        for job in self._jobs:
            job.cancel()
        await asyncio.to_thread(pool.join)

    async def close(self) -> None:
        """End the processes; whoever uses them has stopped by then."""
        await self._end(self._pool)


def _is_being_cancelled() -> bool:
    """Whether a CancelledError is meant for this task; one that came from a future it waits for is not."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _load_engine() -> None:
    import services.pictures.picture  # noqa: PLC0415  # in the pool's process, not in this one
    import services.triage.report  # noqa: F401, PLC0415  # the same


def _analyze(
    files: list[tuple[Path, str]], limits: ReadLimits, problems_dir: Path | None, progress_path: str
) -> Analyzed:
    from services.triage.report import NamedFile, Progress, analyze  # noqa: PLC0415  # as above

    with open(progress_path, "r+b") as file, mmap.mmap(file.fileno(), _COUNTS.size) as shared:  # noqa: PTH123

        def note(progress: Progress) -> None:
            shared[:] = _COUNTS.pack(progress.bytes_read, progress.bytes_total, progress.lines)

        named = [NamedFile(path, name) for path, name in files]
        analysis = analyze(named, limits=limits, problems_dir=problems_dir, on_progress=note)
        return Analyzed(analysis.report.to_json().encode(), _drawn(analysis))


def _drawn(analysis: "Analysis") -> Picture | None:
    from services.pictures.picture import draw_picture  # noqa: PLC0415  # as above

    try:
        return draw_picture(analysis.scans, analysis.diagnosis)
    except Exception:  # the process' boundary: a report is worth sending without its picture
        log.exception("the picture of a report could not be drawn")
        return None


@contextmanager
def _progress_file() -> Iterator[Path]:
    """Shared counters that need no channel, and that a dead process cannot leave locked."""
    with tempfile.NamedTemporaryFile(prefix="triage-progress-") as file:
        file.write(bytes(_COUNTS.size))
        file.flush()
        yield Path(file.name)


async def _watch(progress_path: Path, on_progress: Callable[[ProgressCounts], None]) -> None:
    seen = bytes(_COUNTS.size)
    with progress_path.open("r+b") as file, mmap.mmap(file.fileno(), _COUNTS.size) as shared:
        while True:
            await asyncio.sleep(PROGRESS_SECONDS)
            now = bytes(shared[:])
            if now != seen:
                seen = now
                on_progress(ProgressCounts(*_COUNTS.unpack(now)))
