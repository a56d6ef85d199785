"""One upload read, diagnosed, reported and drawn under a time limit, and what must hold of what comes out."""

import faulthandler
import signal
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

from bot.terminal.report_view import report_lines
from models.schemas.report import Report
from services.logs.display import strip_unseen
from services.logs.limits import ReadLimits
from services.pictures.picture import draw_picture
from services.triage.report import NamedFile, analyze
from tests.fuzz.cases import Case, case

# Small, so that a bomb goes off in seconds.
LIMITS = ReadLimits(max_decompressed_bytes=96 << 20, ratio_floor_bytes=64 << 20, max_members=40)
# Generous: what hangs takes minutes, and machines differ.
LIMIT_SECONDS, LIMIT_SECONDS_PER_MB = 5.0, 1.5
_STUCK_SECONDS, _STUCK_TIMES = 60.0, 20  # of the clock: a machine may have much else to do


class OverTimeError(Exception):
    """The upload took longer than its size explains."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a trial went; `fault` is None where all was well."""

    seed: int
    kind: str
    cpu_seconds: float
    limit_seconds: float
    fault: str | None


def try_seed(seed: int, folder: Path) -> Outcome:
    """Analyse the upload of this seed. Its file stays in `folder` where something was wrong with it."""
    return try_case(seed, case(seed), folder)


def try_case(seed: int, drawn: Case, folder: Path) -> Outcome:
    path = folder / f"fuzz-{seed}"
    path.write_bytes(drawn.content)  # first: a crash of the whole process leaves it too
    limit = LIMIT_SECONDS + LIMIT_SECONDS_PER_MB * min(drawn.unpacked_bytes, LIMITS.max_decompressed_bytes) / 1e6
    begin = time.process_time()
    try:
        with cpu_limit(limit):
            _analyze(path)
        fault = None
    except Exception:  # noqa: BLE001  # to find out which there are is what this is for
        fault = traceback.format_exc(limit=-12)
    else:
        path.unlink()
    return Outcome(seed, drawn.kind, time.process_time() - begin, limit, fault)


def _analyze(path: Path) -> None:
    analysis = analyze([NamedFile(path, "app.log")], limits=LIMITS)
    report = analysis.report
    assert Report.from_json(report.to_json()) == report
    assert list(report_lines(report))
    assert report.files
    lines = {file.name: file.lines for file in report.files}
    assert [finding.rank for finding in report.findings] == list(range(1, len(report.findings) + 1))
    for evidence in [evidence for finding in report.findings for evidence in finding.evidence]:
        assert evidence.text == strip_unseen(evidence.text)
        assert 1 <= evidence.line <= max(lines.values()), evidence
    assert not any(file.lines == 0 and not file.unread for file in report.files)
    picture = draw_picture(analysis.scans, analysis.diagnosis)
    if picture is not None:
        assert picture.alt_text.isascii()
        assert ET.fromstring(picture.svg).get("aria-label") == picture.alt_text


@contextmanager
def cpu_limit(seconds: float) -> Iterator[None]:
    """Raises OverTimeError inside the block. Where Python itself is stuck, the process ends with all its stacks."""

    def over(*_: object) -> None:
        raise OverTimeError(f"more than {seconds:.0f} CPU seconds")

    before = signal.signal(signal.SIGPROF, over)
    faulthandler.dump_traceback_later(_STUCK_SECONDS + seconds * _STUCK_TIMES, exit=True)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        faulthandler.cancel_dump_traceback_later()
        signal.signal(signal.SIGPROF, before)
