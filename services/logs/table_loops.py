"""The loops that look the hashes of lines up in tables; `services.logs.kernel` compiles them too.

They are on their own, and all in one file, for the same reason as those of `kernel_loops`.
"""

from collections.abc import MutableSequence, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # `services.logs.kernel` has the loops call what `services.logs.vectors` says of these

    def trouble_mask(text: Sequence[int], at: int) -> int: ...
    def trailing_zeros(word: int) -> int: ...


# Which lines of an unknown key are worth learning.
LEARNS_ALL, LEARNS_SUSPICIOUS, LEARNS_NOTHING = 0, 1, 2
# As in `kernel_loops`.
_KEYED_BYTES = 8_192
_CHUNK_BYTES = 64

# Lines that speak of trouble hold one of these (in any case): failures, refusals, time-outs, private keys.
SUSPICIOUS_HEADS = (
    b"erro",
    b"fail",
    b"fata",
    b"exce",
    b"pani",
    b"refu",
    b"deni",
    b"meou",
    b"d ou",
    b"e ou",
    b"abor",
    b"cras",
    b"cann",
    b"unab",
    b"vate",
)
_HEAD_BYTES = 4


def is_suspicious(text: Sequence[int], start: int, end: int) -> bool:
    """Whether the line `text[start:end]` speaks of trouble."""
    at, last = start, min(end, start + _KEYED_BYTES) - _HEAD_BYTES
    while at <= last:
        heads = trouble_mask(text, at)
        if heads and at + trailing_zeros(heads) <= last:
            return True
        at += _CHUNK_BYTES
    return False


def find(  # noqa: PLR0917 - numba knows no keyword arguments
    text: Sequence[int],
    starts: Sequence[int],
    hashes: Sequence[int],
    begin: int,
    room: int,
    learns: int,
    keys: MutableSequence[int],
    values: MutableSequence[int],
    found: MutableSequence[int],
    fresh: MutableSequence[int],
) -> tuple[int, int, int]:
    """Look the lines' hashes up from line `begin` on; the n-th unknown one is entered as -1-n, its line put in `fresh`.

    `learns`: LEARNS_ALL, or LEARNS_SUSPICIOUS or LEARNS_NOTHING, when other lines with an unknown hash have the value
    0, as a hash of 0 has. Returns where it stopped (before a line to learn that there was no room for), how many are
    fresh, and the first line that was given a 0, or -1.
    """
    mask, count, folded = len(keys) - 1, 0, -1
    for index in range(begin, len(hashes)):
        hashed = hashes[index]
        slot = hashed & mask
        while keys[slot] != hashed and keys[slot] != 0:
            slot = (slot + 1) & mask
        is_folded = hashed == 0
        if keys[slot] == 0 and not is_folded:
            is_folded = learns == LEARNS_NOTHING or (
                learns == LEARNS_SUSPICIOUS and not is_suspicious(text, starts[index], starts[index + 1] - 1)
            )
            if not is_folded:
                if count == room:
                    return index, count, folded
                keys[slot] = hashed
                values[slot] = -1 - count
                fresh[count] = index
                count += 1
        if is_folded and folded < 0:
            folded = index
        found[index] = 0 if is_folded else values[slot]
    return len(hashes), count, folded


def settle(  # noqa: PLR0917 - numba knows no keyword arguments
    hashes: Sequence[int],
    begin: int,
    end: int,
    keys: Sequence[int],
    values: MutableSequence[int],
    found: MutableSequence[int],
    learned: Sequence[int],
) -> None:
    """Put in place of what `find` entered as -1-n the n-th of `learned`."""
    mask = len(keys) - 1
    for index in range(begin, end):
        value = found[index]
        if value < 0:
            found[index] = learned[-1 - value]
            slot = hashes[index] & mask
            while keys[slot] != hashes[index]:
                slot = (slot + 1) & mask
            values[slot] = learned[-1 - value]
