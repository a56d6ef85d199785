"""The log engine runs in processes of its own: never in the event loop, at a lower priority, with a time limit."""

import asyncio
import mmap
import multiprocessing
import os
import signal
import struct
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pebble import ProcessExpired, ProcessPool

from services.jobs.jobs import StepFailed
from services.logs.limits import ReadLimits

NICENESS = 10  # acknowledging Slack within its three seconds comes before reading faster
PROGRESS_SECONDS = 0.5
_COUNTS = struct.Struct("<QQQ")
# A service is being stopped and its readers, or the server that forks them (255), heard of it before we did: that is
# not the file's doing, and another attempt will do.
_STOPPED = (signal.SIGTERM, -signal.SIGTERM, 255)


class AnalysisFailed(StepFailed):
    """The engine did not come back with a report; the message is a sentence for the thread."""


@dataclass(frozen=True, slots=True)
class ProgressCounts:
    bytes_read: int
    bytes_total: int
    lines: int


class AnalysisPool:
    """Processes that turn files into a report's JSON.

    Args:
        processes: how many files are read at the same time.
        timeout_seconds: after this long an analysis is ended; the report would come too late to help.
    """

    def __init__(self, *, processes: int, timeout_seconds: float, limits: ReadLimits) -> None:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["services.triage.report"])
        self._pool = ProcessPool(max_workers=processes, initializer=os.nice, initargs=(NICENESS,), context=context)
        self._timeout_seconds = timeout_seconds
        self._limits = limits

    async def warm(self) -> None:
        """Start the processes and load the engine, so that the first upload does not wait for it."""
        await asyncio.wrap_future(self._pool.schedule(_load_engine))

    async def analyze(
        self, files: Sequence[tuple[Path, str]], *, on_progress: Callable[[ProgressCounts], None]
    ) -> bytes:
        """The report over `files` (path and name to show), as JSON.

        Raises:
            AnalysisFailed: the engine ran out of time or was ended; a sentence says so.
        """
        with _progress_file() as progress_path:
            watcher = asyncio.create_task(_watch(progress_path, on_progress))
            try:
                job = self._pool.schedule(
                    _analyze, args=(list(files), self._limits, str(progress_path)), timeout=self._timeout_seconds
                )
                return await asyncio.wrap_future(job)
            except TimeoutError:
                raise AnalysisFailed(
                    f"Reading took longer than {self._timeout_seconds:.0f} s (TRIAGE_ANALYSIS_TIMEOUT_SECONDS) and was "
                    "ended; upload the window around the failure."
                ) from None
            except ProcessExpired as error:
                if error.exitcode in _STOPPED:
                    raise
                raise AnalysisFailed(
                    f"The process that read the file ended with code {error.exitcode}, most likely for want of memory; "
                    "upload the window around the failure."
                ) from None
            finally:
                watcher.cancel()

    async def close(self) -> None:
        """End the processes; whoever uses them has stopped by then."""
        self._pool.stop()
        await asyncio.to_thread(self._pool.join)


def _load_engine() -> None:
    import services.triage.report  # noqa: F401, PLC0415  # in the pool's process, not in this one


def _analyze(files: list[tuple[Path, str]], limits: ReadLimits, progress_path: str) -> bytes:
    from services.triage.report import NamedFile, Progress, analyze_files  # noqa: PLC0415  # as above

    with open(progress_path, "r+b") as file, mmap.mmap(file.fileno(), _COUNTS.size) as shared:  # noqa: PTH123

        def note(progress: Progress) -> None:
            shared[:] = _COUNTS.pack(progress.bytes_read, progress.bytes_total, progress.lines)

        named = [NamedFile(path, name) for path, name in files]
        return analyze_files(named, limits=limits, on_progress=note).model_dump_json().encode()


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
