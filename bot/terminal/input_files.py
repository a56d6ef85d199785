"""The files named on a command line; standard input and pipes spooled to where they can be read twice."""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from services.triage.report import NamedFile

STDIN_NAME = "-"


@contextmanager
def input_files(names: Sequence[str]) -> Iterator[list[NamedFile]]:
    """The files by the names given.

    `-` is standard input; it and what a shell makes of `<(command)` are kept in temporary files meanwhile.
    """
    with tempfile.TemporaryDirectory(prefix="triage-") as folder:
        yield [_readable_twice(name, Path(folder) / str(number)) for number, name in enumerate(names)]


def _readable_twice(name: str, spool: Path) -> NamedFile:
    if name == STDIN_NAME:
        return _spooled(sys.stdin.buffer, "stdin", spool)
    path = Path(name)
    if path.is_fifo() and os.access(path, os.R_OK):
        with path.open("rb") as pipe:
            return _spooled(pipe, name, spool)
    return NamedFile(path, name)


def _spooled(source: IO[bytes], name: str, spool: Path) -> NamedFile:
    with spool.open("wb") as file:
        shutil.copyfileobj(source, file)
    return NamedFile(spool, name)
