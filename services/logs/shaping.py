"""Lines to shapes: each distinct kind of line is taken apart once, all others are a look-up of their key.

Small files are read by Python alone; beyond that the compiled loops take over, which give the same result and
cost half a second to load.
"""

import os
from array import array
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date
from typing import TYPE_CHECKING, Self

from services.logs.columns import Column, packed, tally
from services.logs.kernel_loops import KEYED_BYTES
from services.logs.limits import ReadLimits
from services.logs.line_keys import line_keys
from services.logs.scan import Shape
from services.logs.shape_book import ShapeBook, is_suspicious
from services.logs.stamp_places import StampMemo
from services.logs.table_loops import LEARNS_ALL, LEARNS_SUSPICIOUS

if TYPE_CHECKING:
    from services.logs.bulk import HashedBlock

# What Python reads in the time that loading the compiled loops takes.
BULK_BEGINS_BYTES = 4 << 20
# More would wait for the one thread that reads the file and looks lines up.
_MAX_THREADS = 2

OnLines = Callable[[Sequence[bytes], int], None]
"""Called with the lines of a block and the number of the first."""


class Shaper:
    """Takes the blocks of one file in order, in a `with` statement; the attributes are whole after `finish`.

    Args:
        threads: how many of them hash blocks ahead; the result is the same for any number.
        bulk_begins_bytes: from here on the compiled loops read.
        on_lines: sees every line.
    """

    def __init__(
        self,
        limits: ReadLimits,
        today: date,
        *,
        threads: int | None = None,
        bulk_begins_bytes: int = BULK_BEGINS_BYTES,
        on_lines: OnLines | None = None,
    ) -> None:
        self.book = ShapeBook(limits, today)
        self.shape_of_line: Column = array("I")
        self.second_of_line: Column = array("I")
        self.not_utf8 = False
        self._on_lines = on_lines
        self._threads = threads or min(_MAX_THREADS, os.cpu_count() or 1)
        self._python_bytes_left = bulk_begins_bytes
        self._python = PythonReader(self.book)
        self._bulk: BulkPipe | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bulk:
            self._bulk.close()

    def add(self, block: bytes) -> None:
        """Take one block of whole lines, joined by LF."""
        self.not_utf8 = self.not_utf8 or not (block.isascii() or _is_utf8(block))
        self._python_bytes_left -= len(block)
        if self._bulk is None and self._python_bytes_left < 0:
            self._bulk = BulkPipe(self.book, self._threads, self._python.heads)
            self._pack_columns()
        if self._bulk is None:
            lines = block.split(b"\n")
            self._take(lines, *self._python.read(lines, len(self.shape_of_line)))
            return
        self._bulk.put(block)
        while self._bulk.ahead > self._threads:
            self._take(*self._bulk.get(len(self.shape_of_line)))

    def finish(self) -> None:
        """Take what was read ahead."""
        while self._bulk and self._bulk.ahead:
            self._take(*self._bulk.get(len(self.shape_of_line)))

    def shapes(self) -> tuple[Shape, ...]:
        """The finished shapes, in the order of their first lines."""
        counts, last_lines = tally(self.shape_of_line, len(self.book.drafts))
        return self.book.shapes(counts, last_lines)

    def _pack_columns(self) -> None:
        if isinstance(self.shape_of_line, array) and isinstance(self.second_of_line, array):
            self.shape_of_line = packed(self.shape_of_line)
            self.second_of_line = packed(self.second_of_line, is_rising=True)

    def _take(self, lines: Sequence[bytes], shapes: "array[int]", seconds: "array[int]") -> None:
        if self._on_lines:
            self._on_lines(lines, len(self.shape_of_line))
        self.shape_of_line.extend(shapes)
        self.second_of_line.extend(seconds)


class PythonReader:
    """Reads lines without the compiled loops."""

    def __init__(self, book: ShapeBook) -> None:
        self.heads: list[bytes] = []
        self._book = book
        self._known: dict[bytes, int] = {}
        self._times = StampMemo(book.today)

    def read(self, lines: list[bytes], first_line: int) -> tuple["array[int]", "array[int]"]:
        """(shape, epoch seconds or 0) of each line."""
        book, shapes, seconds = self._book, array("I"), array("I")
        for index, key in enumerate(line_keys(lines)):
            known = self._known.get(key)
            if known is None:
                known = self._meet(key, lines[index], first_line + index)
            shapes.append(book.shape_of_key[known])
            seconds.append(self._times.second(lines[index], book.place_of_key[known]))
        return shapes, seconds

    def _meet(self, key: bytes, line: bytes, number: int) -> int:
        learns = self._book.learns()
        if learns == LEARNS_ALL or (learns == LEARNS_SUSPICIOUS and is_suspicious(line)):
            self._known[key] = self._book.learn(line, number)
            self.heads.append(line[:KEYED_BYTES])
            return self._known[key]
        self._book.fold(line, number)
        return 0


def compiled_count() -> Callable[[bytes], int]:
    """What counts the line feeds of a block, for large files."""
    from services.logs import bulk  # noqa: PLC0415  # it loads the compiled loops

    return bulk.count_feeds


class BulkPipe:
    """Blocks in, lines looked up out, in the same order; the hashing is done by threads meanwhile."""

    def __init__(self, book: ShapeBook, threads: int, heads: Sequence[bytes]) -> None:
        from services.logs import bulk  # noqa: PLC0415  # it loads the compiled loops, which small files do without

        self._hash_block = bulk.hash_block
        self._reader = bulk.BulkReader(book)
        self._reader.know(heads)
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix="hash-lines")
        self._ahead: deque[Future[HashedBlock]] = deque()

    @property
    def ahead(self) -> int:
        """Blocks put and not yet got."""
        return len(self._ahead)

    def put(self, block: bytes) -> None:
        self._ahead.append(self._executor.submit(self._hash_block, block))

    def get(self, first_line: int) -> tuple[Sequence[bytes], "array[int]", "array[int]"]:
        """(lines, shape, epoch seconds or 0 of each) of the earliest block put."""
        hashed = self._ahead.popleft().result()
        return hashed, *self._reader.read(hashed, first_line)

    def close(self) -> None:
        """End the threads; blocks put are dropped."""
        self._executor.shutdown(cancel_futures=True)


def _is_utf8(block: bytes) -> bool:
    try:
        block.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
