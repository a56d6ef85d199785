"""The files named on a command line, checked; standard input spooled to where it can be read twice."""

import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from services.triage.report import NamedFile

STDIN_NAME = "-"


@contextmanager
def input_files(names: Sequence[str]) -> Iterator[list[NamedFile]]:
    """The files by the names given; `-` is standard input, kept in a temporary file meanwhile."""
    with tempfile.TemporaryDirectory(prefix="triage-") as folder:
        yield [_spooled(Path(folder)) if name == STDIN_NAME else NamedFile(Path(name), name) for name in names]


def _spooled(folder: Path) -> NamedFile:
    path = folder / "stdin"
    if not path.exists():
        with path.open("wb") as file:
            shutil.copyfileobj(sys.stdin.buffer, file)
    return NamedFile(path, "stdin")
