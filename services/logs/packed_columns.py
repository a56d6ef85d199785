"""One number a line of a large file, packed into some tens of megabytes whatever its length.

For what is asked of a whole column see `columns`, where the same is done with the arrays of small files.
"""

from array import array
from collections.abc import Collection, Iterator, Sequence

import numpy as np
import zstandard
from numpy.typing import NDArray

from services.logs.columns import YEAR_SECONDS

Numbers = NDArray[np.uint32]
Bytes = NDArray[np.uint8]

# Small enough to unpack for the sake of one line, large enough for the work a chunk to vanish.
CHUNK_LINES = 1 << 15
_ZSTD_LEVEL = 1
# Lines looked up singly lie near each other, in a few places of a file.
_KEPT_UNPACKED = 8
# Two weeks in seconds, or about; so many of them are all the time that a column can tell.
_PART_SECONDS = 1 << 20
_PARTS = 1 << 12


class PackedColumn:
    """Numbers below 2**32, one a line, in the order of the file; whole chunks of them are compressed.

    Args:
        begin: the numbers of the first lines.
        is_rising: whether a number is mostly near the last one that is not 0, as times are.
    """

    def __init__(self, begin: "array[int]", *, is_rising: bool = False) -> None:
        self._is_rising = is_rising
        self._packed: list[bytes] = []
        self._rest: array[int] = array("I")
        self._unpacked: dict[int, Numbers] = {}
        self.extend(begin)

    def extend(self, numbers: "array[int]") -> None:
        """Append the numbers of further lines."""
        self._rest.extend(numbers)
        if (whole := len(self._rest) // CHUNK_LINES * CHUNK_LINES) > 0:
            for chunk in np.array(self._rest[:whole], np.uint32).reshape(-1, CHUNK_LINES):
                self._packed.append(_pack(chunk, is_rising=self._is_rising))
            self._rest = self._rest[whole:]

    def __len__(self) -> int:
        return len(self._packed) * CHUNK_LINES + len(self._rest)

    def __getitem__(self, line: int) -> int:
        chunk, place = divmod(line, CHUNK_LINES)
        return int(self._chunk(chunk)[place]) if chunk < len(self._packed) else self._rest[place]

    def __iter__(self) -> Iterator[int]:
        for _, numbers in self.chunks():
            yield from numbers.tolist()

    def chunks(self) -> Iterator[tuple[int, Numbers]]:
        """(number of its first line, numbers) of each chunk; columns of equal length are cut at the same lines."""
        for chunk, packed in enumerate(self._packed):
            yield chunk * CHUNK_LINES, _unpack(packed, is_rising=self._is_rising)
        yield len(self._packed) * CHUNK_LINES, np.array(self._rest, np.uint32)

    def _chunk(self, chunk: int) -> Numbers:
        """A chunk, kept unpacked as long as it is among the last few asked for."""
        numbers = self._unpacked.pop(chunk, None)
        if numbers is None:
            numbers = _unpack(self._packed[chunk], is_rising=self._is_rising)
            for oldest in list(self._unpacked)[: 1 - _KEPT_UNPACKED]:
                del self._unpacked[oldest]
        self._unpacked[chunk] = numbers
        return numbers


def _pack(numbers: Numbers, *, is_rising: bool) -> bytes:
    planes = _times_planes(numbers) if is_rising else _planes(numbers)
    compressed = zstandard.ZstdCompressor(level=_ZSTD_LEVEL).compress(planes)
    return bytes(memoryview(compressed))  # a copy, for the library hands over all the room it had asked for


def _unpack(packed: bytes, *, is_rising: bool) -> Numbers:
    planes = np.frombuffer(zstandard.ZstdDecompressor().decompress(packed), np.uint8)
    return _times(planes) if is_rising else _numbers(planes)


def _planes(numbers: Numbers) -> bytes:
    """All lowest bytes first, then all second ones and so on: the upper ones are nearly all alike."""
    return np.ascontiguousarray(numbers.view(np.uint8).reshape(-1, 4).T).tobytes()


def _numbers(planes: Bytes) -> Numbers:
    return np.ascontiguousarray(planes.reshape(4, -1).T).view(np.uint32).ravel()


def _times_planes(times: Numbers) -> bytes:
    """The steps from time to time, and behind them a bit a line that says whether it bears one."""
    is_stamped = times > 0
    last_stamped = np.maximum.accumulate(np.where(is_stamped, np.arange(len(times)), 0))
    return _planes(np.diff(times[last_stamped], prepend=np.uint32(0))) + np.packbits(is_stamped).tobytes()


def _times(planes: Bytes) -> Numbers:
    steps, is_stamped = np.split(planes, [4 * CHUNK_LINES])
    return np.cumsum(_numbers(steps), dtype=np.uint32) * np.unpackbits(is_stamped)


def numbers_at(column: PackedColumn, lines: Sequence[int]) -> "array[int]":
    """See `columns.numbers_at`."""
    places, numbers_of = np.array(lines, np.int64), np.empty(len(lines), np.uint32)
    for first, numbers in column.chunks():
        begin, end = np.searchsorted(places, (first, first + len(numbers)))
        numbers_of[begin:end] = numbers[places[begin:end] - first]
    return array("I", numbers_of.tobytes())


def tally(shape_of_line: PackedColumn, shapes: int) -> tuple[list[int], list[int]]:
    """See `columns.tally`."""
    counts, last_lines = np.zeros(shapes, np.int64), np.zeros(shapes, np.int64)
    for first, numbers in shape_of_line.chunks():
        counts += np.bincount(numbers, minlength=shapes)
        last_lines[numbers] = np.arange(first, first + len(numbers))  # the last of several assignments stands
    return counts.tolist(), last_lines.tolist()


def lines_of(shape_of_line: PackedColumn, shapes: Collection[int]) -> Iterator[int]:
    """See `columns.lines_of`."""
    wanted = np.array(sorted(shapes), np.uint32)
    for first, numbers in shape_of_line.chunks():
        yield from (first + np.flatnonzero(np.isin(numbers, wanted))).tolist()


def believed_range(second_of_line: PackedColumn) -> tuple[int, int] | None:
    """See `columns.believed_range`."""
    middle = _middle_second(second_of_line)
    if middle is None:
        return None
    first, last = 1 << 32, 0
    for _, seconds in second_of_line.chunks():
        believed = seconds[(seconds > max(0, middle - YEAR_SECONDS)) & (seconds < middle + YEAR_SECONDS)]
        if len(believed):
            first, last = min(first, int(believed.min())), max(last, int(believed.max()))
    return first, last


def _middle_second(second_of_line: PackedColumn) -> int | None:
    """The middle one of the times, each counted once: with a bit for every second that there is."""
    bits = np.zeros((_PARTS, _PART_SECONDS // 8), np.uint8)  # parts that no time falls into take no memory
    is_met = np.zeros(_PARTS, np.bool_)
    for _, seconds in second_of_line.chunks():
        ordered = np.sort(seconds[seconds > 0])
        places = ordered // 8
        begins = np.flatnonzero(np.diff(places.astype(np.int64), prepend=-1))
        if len(begins):
            held = np.left_shift(1, ordered % 8).astype(np.uint8)
            bits.reshape(-1)[places[begins]] |= np.bitwise_or.reduceat(held, begins)
            is_met[ordered // _PART_SECONDS] = True
    return _middle_bit(bits, np.flatnonzero(is_met).tolist())


def _middle_bit(bits: Bytes, parts: Sequence[int]) -> int | None:
    """The number of the middle one of the bits that are set in these parts; a part at a time, to save memory."""
    counts = [int(np.bitwise_count(bits[part]).sum()) for part in parts]
    place = sum(counts) // 2
    for part, count in zip(parts, counts, strict=True):
        if place < count:
            return part * _PART_SECONDS + int(np.flatnonzero(np.unpackbits(bits[part], bitorder="little"))[place])
        place -= count
    return None
