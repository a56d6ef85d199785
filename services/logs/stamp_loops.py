"""The loops that find the times of the lines of a large log; `services.logs.kernel` compiles them too.

They are on their own, and all in one file, for the same reason as those of `kernel_loops`.
"""

from collections.abc import MutableSequence, Sequence

# How the time of a line is found again: by its hh:mm:ss, by its ten digits of seconds, by where it stands.
CLOCK, EPOCH, FIXED = 1, 2, 3
STAMP_BYTES = 320

_COMMA, _DOT, _COLON = b",.:"
_ZERO, _ONE, _NINE = b"019"
_PRIME = -0x61C8864680B583EB
_SEED = 0x2545F4914F6CDD1D


def find_clock(text: Sequence[int], start: int, end: int) -> int:
    """Where the first hh:mm:ss begins that no digit stands before, or -1."""
    index = start + 2
    while index + 6 <= end:
        byte = text[index + 3]
        if text[index] == _COLON and byte == _COLON:
            is_clock = index - 2 == start or text[index - 3] < _ZERO or text[index - 3] > _NINE
            for digit in (index - 2, index - 1, index + 1, index + 2, index + 4, index + 5):
                is_clock = is_clock and _ZERO <= text[digit] <= _NINE
            if is_clock:
                return index - 2
        index += 1
    return -1


def clock_seconds(text: Sequence[int], at: int) -> int:
    """The seconds since midnight of an hh:mm:ss, -1 if no clock shows it; a leap second is the one before."""
    hour = (text[at] - _ZERO) * 10 + text[at + 1] - _ZERO
    minute = (text[at + 3] - _ZERO) * 10 + text[at + 4] - _ZERO
    second = (text[at + 6] - _ZERO) * 10 + text[at + 7] - _ZERO
    if hour > 23 or minute > 59:
        return -1
    return hour * 3600 + minute * 60 + min(59, second)


def skip_fraction(text: Sequence[int], start: int, end: int) -> int:
    """Where the fraction of a second that may begin at `start` ends."""
    index = start + 1
    if index >= end or text[start] not in (_DOT, _COMMA, _COLON):
        return start
    while index < end and index <= start + 9 and _ZERO <= text[index] <= _NINE:
        index += 1
    return index if index > start + 1 else start


def find_epoch(text: Sequence[int], start: int, end: int) -> int:
    """Where the first number of ten digits or more, a one first, begins, or -1."""
    run = 0
    for index in range(start, end):
        run = run + 1 if _ZERO <= text[index] <= _NINE else 0
        if run == 10 and text[index - 9] == _ONE:
            return index - 9
    return -1


def hash_bytes(text: Sequence[int], start: int, end: int, seed: int) -> int:
    mixed = seed
    for index in range(start, end):
        mixed = (mixed ^ text[index]) * _PRIME
        mixed ^= mixed >> 31
    return mixed


def hash_stamps(  # noqa: PLR0917 - numba knows no keyword arguments
    text: Sequence[int],
    starts: Sequence[int],
    entries: Sequence[int],
    places: Sequence[Sequence[int]],
    hashes: MutableSequence[int],
    additions: MutableSequence[int],
) -> None:
    """The hash of what makes up each line's day, 0 for lines that bear no time, and the seconds to add to it.

    `places`: (way, before, tail) by key.
    """
    for line in range(len(entries)):
        way, before, tail = places[entries[line]][0], places[entries[line]][1], places[entries[line]][2]
        start, end = starts[line], min(starts[line + 1] - 1, starts[line] + STAMP_BYTES)
        mixed, addition = 0, 0
        if way:
            seed = _SEED + (way << 40) + (before << 20) + tail
            at = -1
            if way == CLOCK:
                at = find_clock(text, start, end)
                if at >= 0:
                    after = skip_fraction(text, at + 8, end)
                    mixed = hash_bytes(text, max(start, at - before), at, seed)
                    mixed = hash_bytes(text, after, min(end, after + tail), mixed)
                    addition = clock_seconds(text, at)
            elif way == EPOCH:
                at = find_epoch(text, start, end)
                if at >= 0:
                    mixed = seed
                    for index in range(at, at + 10):
                        addition = addition * 10 + text[index] - _ZERO
                    addition -= 1
            elif start + before < end:
                at = start + before
                mixed = hash_bytes(text, at, min(end, at + tail), seed)
            if at < 0:
                mixed = hash_bytes(text, start, end, seed)
            mixed ^= mixed >> 32
            mixed = mixed or 1
        hashes[line] = 0 if addition < 0 else mixed
        additions[line] = addition
