"""The lines of labelled build logs as the ranking sees them: traits, classes of words, and which lines are marked.

The ranking only multiplies weights by numbers and adds them up: given unit vectors as weights it tells the numbers.
"""

import hashlib
import pickle
import re
import tempfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import services
from benchmarks.labelled_logs import LabelledLog, labelled_logs
from services.diagnosis import weights
from services.diagnosis.ranking import Ranking, rank
from services.diagnosis.traits import place_points, shape_points
from services.logs.reading import scan_upload
from services.logs.scan import FileScan

TRAITS, CLASSES = tuple(weights.TRAITS), tuple(weights.WORDS)
_PROCESSES = 2
# What the traits are computed by: the kept ones are no good once it changes.
_SOURCES = ("logs", "diagnosis")
_LAST_NUMBER = re.compile(r"[-_]\d+$")


@dataclass(frozen=True, slots=True)
class LogTraits:
    """A build log. A row a line that is not blank: lines (from 0), traits (by TRAITS), classes (by CLASSES, boolean),
    templates, is_marked. reserved: the rows of the failing step's end and of its first hot line.

    project: whose logs resemble each other, and are never judged by weights that were fitted to any of them.
    """

    name: str
    of_set: str
    project: str
    lines: NDArray[np.int64]
    traits: NDArray[np.float32]
    classes: NDArray[np.bool_]
    templates: NDArray[np.int64]
    is_marked: NDArray[np.bool_]
    reserved: tuple[int, ...]


def traits_of_logs(cases: Path) -> list[LogTraits]:
    """Those of all build logs with marked lines, kept in the temporary folder for as long as the code is the same."""
    kept, digest = Path(tempfile.gettempdir()) / "triage-line-traits.pickle", _digest(cases)
    if kept.exists():
        kept_digest, found = pickle.loads(kept.read_bytes())
        if kept_digest == digest:
            return found
    logs = [log for log in labelled_logs(cases, None) if "spans" in log.case]
    with ProcessPoolExecutor(_PROCESSES, mp_context=get_context("spawn")) as processes:
        found = [log for log in processes.map(traits_of, logs, chunksize=8) if log is not None]
    kept.write_bytes(pickle.dumps((digest, found)))
    return found


def _digest(cases: Path) -> str:
    paths = [path for part in _SOURCES for path in sorted((Path(services.__path__[0]) / part).glob("*.py"))]
    whole = hashlib.sha256(f"{cases.resolve()} {TRAITS} {CLASSES}".encode())
    for path in [cases, *(path for path in paths if path.name != "weights.py"), Path(__file__)]:
        whole.update(path.read_bytes())
    return whole.hexdigest()


def traits_of(log: LabelledLog) -> LogTraits | None:
    """None where no line is marked that is not blank, and where the ranking takes the log for a service's."""
    scan = _scanned(log.folder / log.case["log"])
    known = None
    if log.is_compared:
        known = frozenset(shape.skeleton for shape in _scanned(log.folder / log.case["baseline_log"]).shapes)
    ranking = rank(scan, known_skeletons=known)
    marks = ranking.landmarks
    rows = np.array([row for row, reading in enumerate(marks.of_line) if not reading.is_blank])
    lines, shapes = np.array(marks.lines)[rows], np.array(marks.shapes)[rows]
    is_marked = _is_marked(lines, log.case["spans"])
    if ranking.is_service or not is_marked.any():
        return None
    return LogTraits(
        name=log.case["id"],
        of_set=log.of_set,
        project=_project(log),
        lines=lines,
        traits=_traits(scan, ranking, known)[rows],
        classes=np.array([[name in reading.classes for name in CLASSES] for reading in marks.readings])[shapes],
        templates=np.array(scan.template_of_shape)[shapes],
        is_marked=is_marked,
        reserved=tuple(
            int(row) for line in (ranking.exit_line, ranking.first_hot) for row in np.flatnonzero(lines == line)
        ),
    )


def _scanned(path: Path) -> FileScan:
    return scan_upload(path, path.name, threads=1)[0]


def _is_marked(lines: NDArray[np.int64], spans: Sequence[Sequence[int]]) -> NDArray[np.bool_]:
    return np.any([(first <= lines + 1) & (lines + 1 <= last) for first, last in spans], axis=0)


def _project(log: LabelledLog) -> str:
    """The name without its last number, which tells a project's logs apart."""
    return _LAST_NUMBER.sub("", str(log.case["id"]))


def _traits(scan: FileScan, ranking: Ranking, known: frozenset[str] | None) -> NDArray[np.float32]:
    units = dict(zip(TRAITS, np.eye(len(TRAITS), dtype=np.float32), strict=True))
    marks, nothing = ranking.landmarks, np.zeros(len(TRAITS), np.float32)
    judge = partial(shape_points, known=known, traits=units)
    by_shape = np.array([judge(shape, reading) for shape, reading in zip(scan.shapes, marks.readings, strict=True)])
    places = np.array([nothing + place for place in place_points(marks, units, is_service=ranking.is_service)])
    return (places + by_shape[np.array(marks.shapes)]).astype(np.float32)
