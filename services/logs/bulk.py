"""Blocks of lines to keys and times by the compiled loops: what large files are read by."""

from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from services.logs import kernel
from services.logs.kernel_loops import CHUNK_BYTES, KEYED_BYTES, MAX_FIELD_TEXTS
from services.logs.shape_book import ShapeBook
from services.logs.stamp_places import day_of
from services.logs.table_loops import LEARNS_ALL

Ints = NDArray[np.int64]
Bytes = NDArray[np.uint8]

_END = b"\n" + bytes(CHUNK_BYTES)
# For the days of a file, and for every second where times are not written as clocks.
_DAY_PLACES = 1 << 19


@dataclass(frozen=True, slots=True)
class HashedBlock(Sequence[bytes]):
    """A block with a line feed and zeros behind it, where its lines start, and the hashes of their keys."""

    block: bytes
    text: Bytes
    starts: Ints
    hashes: Ints

    def line(self, index: int) -> bytes:
        """A line without its line feed."""
        return self.block[self.starts[index] : self.starts[index + 1] - 1]

    def __len__(self) -> int:
        return len(self.hashes)

    @overload
    def __getitem__(self, index: int) -> bytes: ...
    @overload
    def __getitem__(self, index: slice) -> list[bytes]: ...
    def __getitem__(self, index: int | slice) -> bytes | list[bytes]:
        return (
            [self.line(at) for at in range(*index.indices(len(self)))] if isinstance(index, slice) else self.line(index)
        )


def count_feeds(block: bytes) -> int:
    """How many line feeds there are."""
    return int(kernel.count_feeds(np.frombuffer(block, np.uint8)))


def hash_block(block: bytes) -> HashedBlock:
    """Hash the lines of a block (joined by LF, without a final one)."""
    ended = b"".join((block, _END))
    text = np.frombuffer(ended, np.uint8)
    count = kernel.count_feeds(text)
    starts, hashes = np.empty(count + 1, np.int64), np.empty(count, np.int64)
    bare = np.zeros(KEYED_BYTES + CHUNK_BYTES, np.uint8)
    kernel.hash_lines(text, len(block) + 1, hashes, starts, bare, np.empty(2 * MAX_FIELD_TEXTS, np.int64))
    return HashedBlock(ended, text, starts, hashes)


def _array(values: NDArray[np.integer[Any]]) -> "array[int]":
    return array("I", values.astype(np.uint32).tobytes())


@dataclass(slots=True)
class HashTable:
    """Open addressing: a value for each hash, at most half of the places taken."""

    places: int
    count: int = 0
    hashes: Ints = field(init=False)
    values: Ints = field(init=False)

    def __post_init__(self) -> None:
        self.hashes, self.values = np.zeros(self.places, np.int64), np.zeros(self.places, np.int64)

    def make_room(self, count: int) -> None:
        """Forget everything rather than become more than half full."""
        if self.count + count > self.places // 2:
            self.hashes[:] = 0
            self.count = 0


class BulkReader:
    """Looks up the lines of hashed blocks, in order; what is new is taken apart, or read as a time, in Python."""

    def __init__(self, book: ShapeBook) -> None:
        self._book = book
        self._keys = HashTable(1 << (2 * book.max_keys()).bit_length())
        self._days = HashTable(_DAY_PLACES)
        self._shapes, self._places = np.zeros(1, np.int64), np.zeros((1, 3), np.int64)

    def know(self, heads: Sequence[bytes]) -> None:
        """Enter the keys that the book has learned already, by their first lines: keys 1, 2 and so on."""
        if heads:
            hashed = hash_block(b"\n".join(heads))
            found = np.empty(len(heads), np.int64)
            self._find(hashed, hashed.hashes, self._keys, found, lambda fresh: [index + 1 for index in fresh])

    def read(self, hashed: HashedBlock, first_line: int) -> tuple["array[int]", "array[int]"]:
        """(shape, epoch seconds or 0) of each line; the block's first has the number `first_line`."""
        keys = self._learned_keys(hashed, first_line)
        self._note_new_keys()
        return _array(self._shapes[keys]), _array(self._seconds(hashed, keys))

    def _note_new_keys(self) -> None:
        book, known = self._book, len(self._shapes)
        if known < len(book.shape_of_key):
            self._shapes = np.append(self._shapes, np.array(book.shape_of_key[known:], np.int64))
            self._places = np.vstack((self._places, np.array(book.place_of_key[known:], np.int64)))
        self._shapes[0] = book.shape_of_key[0]

    def _learned_keys(self, hashed: HashedBlock, first_line: int) -> Ints:
        book, begin, count = self._book, 0, len(hashed.hashes)
        found, fresh = np.empty(count, np.int64), np.empty(count, np.int64)
        while begin < count:
            end, news, folded = kernel.find(
                hashed.text,
                hashed.starts,
                hashed.hashes,
                begin,
                book.room(),
                book.learns(),
                self._keys.hashes,
                self._keys.values,
                found,
                fresh,
            )
            learned = self._learn(hashed, first_line, fresh[:news].tolist(), folded)
            kernel.settle(hashed.hashes, begin, end, self._keys.hashes, self._keys.values, found, learned)
            begin = end
        return found

    def _learn(self, hashed: HashedBlock, first_line: int, fresh: Sequence[int], folded: int) -> Ints:
        learned = []
        for index in fresh:
            if 0 <= folded < index:
                self._book.fold(hashed.line(folded), first_line + folded)
            learned.append(self._book.learn(hashed.line(index), first_line + index))
        if folded >= 0:
            self._book.fold(hashed.line(folded), first_line + folded)
        return np.array(learned, np.int64)

    def _seconds(self, hashed: HashedBlock, keys: Ints) -> Ints:
        hashes, days, additions = (np.empty(len(keys), np.int64) for _ in range(3))
        kernel.hash_stamps(hashed.text, hashed.starts, keys, self._places, hashes, additions)
        self._days.make_room(len(keys))
        self._find(hashed, hashes, self._days, days, lambda fresh: [self._day(hashed, keys, line) for line in fresh])
        return np.where(days > 0, days + additions, 0)

    def _day(self, hashed: HashedBlock, keys: Ints, line: int) -> int:
        return day_of(hashed.line(line), self._book.place_of_key[keys[line]], today=self._book.today)

    def _find(
        self,
        hashed: HashedBlock,
        hashes: Ints,
        table: HashTable,
        found: Ints,
        learn: Callable[[Sequence[int]], Sequence[int]],
    ) -> None:
        """The values of all hashes, 0 of a hash of 0; `learn` gives those of the lines whose hash is new."""
        fresh = np.empty(len(hashes), np.int64)
        end, news, _ = kernel.find(
            hashed.text,
            hashed.starts,
            hashes,
            0,
            len(hashes),
            LEARNS_ALL,
            table.hashes,
            table.values,
            found,
            fresh,
        )
        learned = np.array(learn(fresh[:news].tolist()), np.int64)
        kernel.settle(hashes, 0, end, table.hashes, table.values, found, learned)
        table.count += news
