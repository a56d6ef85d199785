"""The loops over every byte and every line of a large log, and the rules they share with the reading of small ones.

Plain functions over bytes and indexes, in the part of Python that numba compiles; `services.logs.kernel` compiles
them. They stand in one file because numba notices a change only in the file of the function it kept. All
hashes are signed 64-bit and wrap.
"""

from collections.abc import MutableSequence, Sequence

# Of a line this much is looked at, by its key and by what takes it apart.
KEYED_BYTES = 8_192
# What kind a byte is, as words are cut.
LETTER, DIGIT, FOREIGN = 1, 2, 4
# How the time of a line is found again: by its hh:mm:ss, by its ten digits of seconds, by where it stands.
CLOCK, EPOCH, FIXED = 1, 2, 3
STAMP_BYTES = 320
# Which lines of an unknown key are worth learning.
LEARNS_ALL, LEARNS_SUSPICIOUS, LEARNS_NOTHING = 0, 1, 2

_LF, _SPACE, _QUOTE, _PLUS, _COMMA, _DASH, _DOT, _SLASH, _COLON, _LESS, _EQUALS, _MORE, _ESCAPE, _U = (
    b'\n "+,-./:<=>\\u'
)
_H, _ZERO, _ONE, _FIVE, _NINE, _A, _Z = b"H0159AZ"
_LOWER = 0x20
_CONTEXT_BYTES = 4
_MAX_CODE_BYTES = 14
# Error codes begin so: ORA SQLSTATE TS CS MSB LNK SC C D E F I V W HTTP, as big-endian numbers.
_CODES = (
    0x4F5241,
    0x53514C5354415445,
    0x5453,
    0x4353,
    0x4D5342,
    0x4C4E4B,
    0x5343,
    0x43,
    0x44,
    0x45,
    0x46,
    0x49,
    0x56,
    0x57,
    0x48545450,
)
# The last four letters of code, status and "exited with".
_BEFORE_STATUS = (0x636F6465, 0x61747573, 0x77697468)
# Those of level, severity and priority; and lvl.
_BEFORE_LEVEL = (0x6576656C, 0x72697479)
_LVL = 0x6C766C

# Lines that speak of trouble hold one of these (in any case): failures, refusals, time-outs, private keys.
SUSPICIOUS_HEADS = tuple(
    int.from_bytes(head, "big")
    for head in (
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
)

_PRIME = -0x61C8864680B583EB
_SEED = 0x2545F4914F6CDD1D
_VALUE = 0x5851F42D4C957F2D


def is_code(text: Sequence[int], start: int, end: int) -> bool:
    """Whether these letters are those that error codes begin with."""
    if end - start > 8:
        return False
    letters = 0
    for index in range(start, end):
        letters = letters << 8 | text[index]
    for code in _CODES:  # noqa: SIM110 - numba knows no any()
        if letters == code:
            return True
    return False


def is_after_http(text: Sequence[int], start: int) -> bool:
    """Whether what stands before the space before `start` ends a request line: a quote, or HTTP/1.1."""
    if start >= 2 and text[start - 2] == _QUOTE:
        return True
    if start >= 9 and text[start - 9] == _H and text[start - 5] == _SLASH:
        return True
    return start >= 7 and text[start - 7] == _H and text[start - 3] == _SLASH


def is_telling_number(text: Sequence[int], start: int, end: int) -> bool:
    """Whether a number of at most three digits is a status, a level or a syslog priority."""
    length = end - start
    if start == 0:
        return False
    if text[start - 1] == _LESS and (start == 1 or text[start - 2] <= _SPACE):  # behind a colour or a prefix too
        return end < len(text) and text[end] == _MORE
    is_status = length == 3 and _ONE <= text[start] <= _FIVE
    if length == 3 and not is_status:
        return False
    if is_status and text[start - 1] == _SPACE and is_after_http(text, start):
        return True
    at, bound = start, max(4, start - _CONTEXT_BYTES)
    while at > bound and (
        text[at - 1] == _SPACE or text[at - 1] == _QUOTE or text[at - 1] == _COLON or text[at - 1] == _EQUALS
    ):
        at -= 1
    if at < 4 or at == start:
        return False
    letters = 0
    for index in range(at - 4, at):
        letters = letters << 8 | text[index] | _LOWER
    if is_status:
        return letters in _BEFORE_STATUS
    return letters in _BEFORE_LEVEL or letters & 0xFFFFFF == _LVL


def is_kept(text: Sequence[int], start: int, end: int) -> bool:
    """Whether the word `text[start:end]`, ASCII with a digit in it, tells something and is not just a value."""
    length = end - start
    if length > _MAX_CODE_BYTES:
        return False
    digits = start
    while digits < end and text[digits] > _NINE:
        digits += 1
    for index in range(digits, end):
        if text[index] > _NINE:
            return False
    if digits > start:
        return 3 <= end - digits <= 6 and is_code(text, start, digits)
    if length == 1 and text[start] == _ZERO:
        before = text[start - 1] if start else _LF
        return before not in (_DASH, _DOT, _SLASH)
    if length <= 3 and is_telling_number(text, start, end):
        return True
    if 3 <= length <= 6 and start > 1 and text[start - 1] == _DASH:
        first = start - 1
        while first > 0 and start - first < 10 and text[first - 1] > _NINE:
            first -= 1
        return is_code(text, first, start - 1)
    return False


def escape_bytes(text: Sequence[int], start: int, end: int) -> int:
    """How many bytes the escape takes whose backslash stands at `start`."""
    if start + 1 >= end or text[start + 1] == _LF:
        return 1
    if text[start + 1] != _U or start + 6 > end:
        return 2
    for index in range(start + 2, start + 6):
        byte = text[index]
        if not (_ZERO <= byte <= _NINE or 97 <= byte | _LOWER <= 102):
            return 2
    return 6


def may_be_kept(text: Sequence[int], start: int, end: int, seen: int) -> bool:
    """False where `is_kept` is false at a glance, as it is for nearly all words that hold a digit."""
    if seen & LETTER:
        return text[start] <= _Z and end - start <= _MAX_CODE_BYTES and text[start] >= _A
    before = text[start - 1] if start else _LF
    if end - start <= 3:
        return before not in (_DOT, _SLASH, _COMMA)
    return end - start <= 6 and before == _DASH


def hash_lines(
    text: Sequence[int], kinds: Sequence[int], hashes: MutableSequence[int], starts: MutableSequence[int]
) -> None:
    """The hash of every line's key, and where every line starts (and, last, where one more would).

    The text ends with a line feed; `hashes` has a place for each line.
    """
    line, begin, verbatim, bound = 0, 0, 0, KEYED_BYTES
    word, seen, mixed = 0, 0, _SEED
    starts[0] = 0
    for index in range(len(text)):
        byte = text[index]
        kind = kinds[byte]
        if kind and index >= verbatim:
            if index < bound:
                word = (word ^ byte) * _PRIME
                seen |= kind
            continue
        if seen:
            if seen & DIGIT:
                end = min(index, bound)
                if not seen & FOREIGN and not (may_be_kept(text, begin, end, seen) and is_kept(text, begin, end)):
                    word = _VALUE
            mixed = (mixed ^ word) * _PRIME
            mixed ^= mixed >> 31
            word, seen = 0, 0
        begin = index + 1
        if byte == _LF:
            mixed ^= mixed >> 29
            mixed *= _PRIME
            mixed ^= mixed >> 32
            hashes[line] = mixed or 1
            line += 1
            starts[line] = begin
            mixed, bound = _SEED, begin + KEYED_BYTES
        elif index < bound:
            mixed = (mixed ^ byte) * _PRIME
            if byte == _ESCAPE and index >= verbatim:
                verbatim = index + escape_bytes(text, index, bound)


def is_suspicious(text: Sequence[int], start: int, end: int) -> bool:
    """Whether the line `text[start:end]` speaks of trouble."""
    window = 0
    for index in range(start, min(end, start + KEYED_BYTES)):
        window = (window << 8 | text[index] | _LOWER) & 0xFFFFFFFF
        if window in SUSPICIOUS_HEADS:
            return True
    return False


def find(
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


def settle(
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


def hash_stamps(
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
