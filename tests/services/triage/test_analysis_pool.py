"""The log engine in processes of its own: what it says comes back, and what ends it is said in a sentence."""

import asyncio
import os
import signal
from contextlib import suppress

import pytest
import pytest_asyncio

from models.schemas.report import Report
from services.logs.limits import ReadLimits
from services.triage import analysis_pool
from services.triage.analysis_pool import NICENESS, AnalysisFailed, AnalysisPool, ReaderLost
from tests.support.running_bot import eventually

pytestmark = pytest.mark.asyncio

LOG = b"2026-03-01 10:51:07 ERROR pool: connection pool exhausted\n"


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "app.log"
    path.write_bytes(LOG * 3)
    return path


@pytest.fixture
def endless(tmp_path):
    """A file that is never read to its end: a pipe into which nobody writes."""
    path = tmp_path / "endless.log"
    os.mkfifo(path)
    return path


@pytest_asyncio.fixture
async def impatient():
    pool = AnalysisPool(processes=1, timeout_seconds=1, limits=ReadLimits())
    await pool.warm()
    yield pool
    await pool.close()


async def read(pool, path, on_progress=lambda _counts: None):
    return Report.from_json((await pool.analyze([(path, path.name)], on_progress=on_progress)).report)


async def reader_of(pool):
    """The id of the process that has begun to read."""

    async def busy():
        tasks = list(pool._pool._pool_manager.task_manager.tasks.values())
        return next((task.worker_id for task in tasks if task.started), None)

    return await eventually(busy)


async def gone(process_id):
    async def ended():
        try:
            os.kill(process_id, 0)
        except ProcessLookupError:
            return True
        return False

    return await eventually(ended)


async def test_the_report_comes_back(pool, log):
    report = await read(pool, log)
    assert [(file.name, file.lines) for file in report.files] == [("app.log", 3)]
    assert report.findings[0].evidence[0].text == LOG.decode().strip()


async def test_the_picture_comes_back_where_there_is_one(pool, log, tmp_path):
    assert (await pool.analyze([(log, log.name)], on_progress=lambda _counts: None)).picture is None  # one moment
    path = tmp_path / "long.log"
    path.write_bytes(b"".join(b"2026-03-01 10:%02d:00 INFO pool: fine\n" % minute for minute in range(51)) + LOG)
    picture = (await pool.analyze([(path, path.name)], on_progress=lambda _counts: None)).picture
    assert picture.png.startswith(b"\x89PNG")
    assert picture.alt_text.startswith("Chart of lines per minute, 2026-03-01 10:00 to 2026-03-01 10:52 UTC.")


async def test_a_picture_that_cannot_be_drawn_costs_no_report(log, tmp_path, caplog, monkeypatch):
    monkeypatch.setattr("services.pictures.picture.draw_picture", None)
    progress = tmp_path / "progress"
    progress.write_bytes(bytes(64))
    analyzed = analysis_pool._analyze([(log, log.name)], ReadLimits(), None, str(progress))
    assert Report.from_json(analyzed.report).findings
    assert analyzed.picture is None
    assert "could not be drawn" in caplog.text


async def test_it_has_the_limits_it_was_given(tmp_path, log):
    import gzip

    packed = tmp_path / "app.log.gz"
    packed.write_bytes(gzip.compress(LOG * 100_000))
    pool = AnalysisPool(processes=1, timeout_seconds=60, limits=ReadLimits(max_decompressed_bytes=10_000))
    report = await read(pool, packed)
    await pool.close()
    assert report.files[0].unread


async def test_readers_stand_back_for_the_event_loop(pool, log):
    await read(pool, log)
    (reader,) = readers(pool)
    assert os.getpriority(os.PRIO_PROCESS, reader) == os.getpriority(os.PRIO_PROCESS, 0) + NICENESS


async def test_running_out_of_time_is_said_and_the_next_file_is_read(impatient, endless, log):
    with pytest.raises(AnalysisFailed, match=r"longer than 1 s \(TRIAGE_ANALYSIS_TIMEOUT_SECONDS\)"):
        await read(impatient, endless)
    assert (await read(impatient, log)).files[0].lines == 3


async def test_a_reader_that_is_killed_is_said_and_the_next_file_is_read(pool, endless, log):
    reading = asyncio.create_task(read(pool, endless))
    os.kill(await reader_of(pool), signal.SIGKILL)
    with pytest.raises(AnalysisFailed, match="ended with code -9, most likely for want of memory"):
        await reading
    assert (await read(pool, log)).files[0].lines == 3


async def test_a_file_that_kills_its_reader_harms_no_other_in_the_same_pool(endless, tmp_path):
    long = tmp_path / "long.log"
    long.write_bytes(
        b"".join(b"2026-03-01 10:51:07 ERROR worker %d: job %x failed\n" % (n, n * n) for n in range(6_000))
    )
    pool = AnalysisPool(processes=2, timeout_seconds=60, limits=ReadLimits())
    await pool.warm()
    poisonous = asyncio.create_task(read(pool, endless))
    its_reader = await reader_of(pool)
    harmless = asyncio.create_task(pool.analyze([(long, "long.log")] * 8, on_progress=lambda _counts: None))

    async def both_are_read():
        return len([task for task in pool._pool._pool_manager.task_manager.tasks.values() if task.started]) == 2

    await eventually(both_are_read)
    os.kill(its_reader, signal.SIGKILL)
    with pytest.raises(AnalysisFailed):
        await poisonous
    assert not harmless.done()
    assert len(Report.from_json((await harmless).report).files) == 8
    await pool.close()


def readers(pool):
    return list(pool._pool._pool_manager.worker_manager.workers)


async def left(pool, reader):
    async def gone():
        return reader not in readers(pool)

    return await eventually(gone)


async def test_a_reader_that_is_killed_at_rest_is_replaced(pool, log):
    await read(pool, log)
    for _ in range(2):
        (reader,) = readers(pool)
        os.kill(reader, signal.SIGKILL)
        await left(pool, reader)
        assert (await read(pool, log)).files[0].lines == 3


async def test_a_pool_that_ends_under_a_reader_is_not_taken_for_a_cancellation(endless):
    """A job that is cut off waits for the next start; this one shall be tried again."""
    pool = AnalysisPool(processes=1, timeout_seconds=60, limits=ReadLimits())
    reading = asyncio.create_task(read(pool, endless))
    reader = await reader_of(pool)
    await pool.close()
    with pytest.raises(ReaderLost):
        await reading
    await gone(reader)


async def test_an_analysis_the_pool_has_lost_track_of_ends_in_time(endless, log, monkeypatch):
    monkeypatch.setattr("services.triage.analysis_pool.LOST_SECONDS", 0.5)
    pool = AnalysisPool(processes=1, timeout_seconds=1, limits=ReadLimits())
    await pool.warm()
    reading = asyncio.create_task(read(pool, endless))
    await reader_of(pool)
    pool._pool._pool_manager.task_manager.tasks.clear()
    with pytest.raises(AnalysisFailed, match="longer than 1 s"):
        await reading
    assert (await read(pool, log)).files[0].lines == 3
    await pool.close()


async def test_as_many_are_read_at_a_time_as_there_are_processes(impatient, endless, log):
    """What waits for its turn is not taken for what takes too long."""
    first = asyncio.create_task(read(impatient, endless))
    await reader_of(impatient)
    second = asyncio.create_task(read(impatient, log))
    with pytest.raises(AnalysisFailed):
        await first
    assert (await second).files[0].lines == 3


async def test_a_reader_that_is_asked_to_stop_is_not_the_files_fault(pool, endless, log):
    """The service is being stopped; another attempt, here or after the restart, reads the file."""
    reading = asyncio.create_task(read(pool, endless))
    os.kill(await reader_of(pool), signal.SIGTERM)
    with pytest.raises(ReaderLost):
        await reading
    assert (await read(pool, log)).files[0].lines == 3


async def test_giving_an_analysis_up_ends_its_process(pool, endless, log):
    reading = asyncio.create_task(read(pool, endless))
    reader = await reader_of(pool)
    reading.cancel()
    with suppress(asyncio.CancelledError):
        await reading
    await gone(reader)
    assert (await read(pool, log)).files[0].lines == 3


async def test_progress_arrives_while_it_reads(pool, tmp_path, monkeypatch):
    monkeypatch.setattr("services.triage.analysis_pool.PROGRESS_SECONDS", 0.02)
    path = tmp_path / "long.log"
    path.write_bytes(LOG * 2_000_000)
    seen = []
    await read(pool, path, seen.append)
    assert seen
    assert all(counts.bytes_total == path.stat().st_size for counts in seen)
    assert all(0 < counts.bytes_read <= counts.bytes_total for counts in seen)
    assert [counts.lines for counts in seen] == sorted(counts.lines for counts in seen)


async def test_nothing_is_left_of_the_progress(pool, log, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    await read(pool, log)
    assert list(tmp_path.glob("triage-progress-*")) == []


async def test_a_reader_begins_with_the_loops_for_large_files(impatient):
    """Not to load them, or even to compile them, in somebody's triage."""
    asked = impatient._pool.schedule(eval, args=["'services.logs.kernel' in __import__('sys').modules"])
    assert await asyncio.wrap_future(asked)
