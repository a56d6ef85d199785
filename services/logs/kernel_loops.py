"""The loops over every byte and every line of a large log, and the rules they share with the reading of small ones.

Plain functions over bytes and indexes, in the part of Python that numba compiles; `services.logs.kernel` compiles
them. They stand in one file because numba notices a change only in the file of the function it kept. All
hashes are signed 64-bit and wrap.
"""

from collections.abc import MutableSequence, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # `services.logs.kernel` has the loops call what `services.logs.vectors` says of these

    def word_masks(text: Sequence[int], at: int) -> tuple[int, int, int, int]: ...
    def load_word(text: Sequence[int], at: int) -> int: ...
    def text_masks(text: Sequence[int], at: int) -> tuple[int, int, int]: ...
    def trailing_zeros(word: int) -> int: ...
    def leading_zeros(word: int) -> int: ...


# Of a line this much is looked at, by its key and by what takes it apart.
KEYED_BYTES = 8_192
# So many bytes are looked at together; texts given to the loops bear as many zeros behind their end.
CHUNK_BYTES = 64
# What becomes of a word that holds a digit: it stays, or a byte that no key holds otherwise stands in its place;
# EPOCH_WORD and the next three are of numbers that may be seconds, milli-, micro- or nanoseconds of Unix' time.
KEPT, FOLDED, LARGE_STATUS, EPOCH_WORD = 0, 1, 2, 3
# A text in a field of JSON that taking a line apart does not use; so many a line are folded.
FIELD_TEXT, MAX_FIELD_TEXTS = 7, 64
# Two more such bytes: behind the key of a line with red print, and before a line whose key is itself.
RED_MARK, VERBATIM_MARK = 14, 15

_TAB, _LF, _CR, _ESC, _SPACE, _QUOTE, _PLUS, _COMMA, _DASH, _DOT, _SLASH, _COLON, _SEMICOLON, _LESS, _EQUALS, _MORE = (
    b'\t\n\r\x1b "+,-./:;<=>'
)
_BRACKET, _OPEN, _CLOSE, _CLOSE_BRACKET, _ESCAPE, _UNDERSCORE, _DELETE = b"[{}]\\_\x7f"
_H, _ZERO, _ONE, _NINE, _A, _E, _F, _M, _U, _Z, _CAPITAL_A, _CAPITAL_Z = b"H019aefmuzAZ"
_LOWER = 0x20
_FIRST_FOREIGN = 0x80
_CONTEXT_BYTES = 16
_MAX_TELLING_BYTES = 19
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
# The last four letters of code, status, "exited with" and HTTP; errno; level, severity and priority.
_TRUE, _NULL, _FALSE = (int.from_bytes(word, "little") for word in (b"true", b"null", b"false"))
_ESCAPED = tuple(b'"\\/bfnrt')
_CODE_WORD, _STATUS_WORD, _WITH_WORD, _HTTP_WORD = 0x636F6465, 0x61747573, 0x77697468, 0x68747470
_ERRNO_WORD = 0x72726E6F
_LEVEL_WORD, _SEVERITY_WORD, _LVL_WORD = 0x6576656C, 0x72697479, 0x6C766C
_LEVELNAME_WORD, _SQLSTATE_WORD = 0x6576656C6E616D65, 0x73716C7374617465
_SQLSTATE_BYTES = 5
# Bits of the bytes that may stand between a name and its number, and of those and the letters these names end with.
_SEPARATORS_LOW, _SEPARATORS_HIGH = (
    sum(1 << byte for byte in (*range(33), _QUOTE, _COLON, _EQUALS)),
    1 << _BRACKET - 64,
)
_NAME_ENDS_LOW = _SEPARATORS_LOW
_NAME_ENDS_HIGH = _SEPARATORS_HIGH | sum(1 << byte - 64 for byte in b"eshpolyESHPOLY")
_EPOCH_BYTES = (10, 13, 16, 19)

# The names of JSON's fields that `structured` reads; longer ones by their first eight letters.
MESSAGE_NAMES = (
    b"message",
    b"msg",
    b"log",
    b"event",
    b"text",
    b"MESSAGE",
    b"short_message",
    b"body",
    b"error",
    b"err",
    b"exception",
    b"exc_info",
    b"stack_trace",
    b"stack",
    b"reason",
    b"cause",
    b"error_message",
)
OTHER_NAMES = (
    b"level",
    b"severity",
    b"lvl",
    b"levelname",
    b"log.level",
    b"loglevel",
    b"PRIORITY",
    b"service",
    b"component",
    b"logger",
    b"service.name",
    b"app",
    b"name",
    b"source",
    b"container",
    b"SYSLOG_IDENTIFIER",
    b"_SYSTEMD_UNIT",
    b"status",
    b"status_code",
    b"stream",
    b"ts",
    b"time",
    b"timestamp",
    b"@timestamp",
    b"t",
    b"__REALTIME_TIMESTAMP",
)
_MESSAGE_HEADS = tuple(int.from_bytes(name[:8].rjust(8, b"\0"), "little") for name in MESSAGE_NAMES)
_OTHER_HEADS = tuple(int.from_bytes(name[:8].rjust(8, b"\0"), "little") for name in OTHER_NAMES)
_READ, _UNREAD, _MESSAGE = 0, 1, 2

_PRIME = -0x61C8864680B583EB
_SEED = 0x2545F4914F6CDD1D
_ODD_FACTOR, _OTHER_FACTOR = 0x5851F42D4C957F2D, 0x14057B7EF767814F


def is_word(byte: int) -> bool:
    """Whether a byte of ASCII is a letter, a digit or a low line."""
    return _ZERO <= byte <= _NINE or _A <= byte | _LOWER <= _Z or byte == _UNDERSCORE


def is_capital(byte: int) -> bool:
    """Whether a byte is a capital letter of ASCII, or may be a part of a foreign one."""
    return _CAPITAL_A <= byte <= _CAPITAL_Z or byte >= _FIRST_FOREIGN


def is_code(text: Sequence[int], start: int, end: int) -> bool:
    """Whether these letters are those that error codes begin with; with foreign ones among them, they may be."""
    if end - start > 8:
        return False
    letters = 0
    for index in range(start, end):
        if text[index] >= _FIRST_FOREIGN:
            return True
        letters = letters << 8 | text[index]
    for code in _CODES:  # noqa: SIM110 - numba knows no any()
        if letters == code:
            return True
    return False


def is_after_http(text: Sequence[int], begin: int, start: int) -> bool:
    """Whether what stands before the space before `start` ends a request line: a quote, or HTTP/1.1."""
    if start >= begin + 2 and text[start - 2] == _QUOTE:
        return True
    if start >= begin + 9 and text[start - 9] == _H and text[start - 5] == _SLASH:
        return True
    return start >= begin + 7 and text[start - 7] == _H and text[start - 3] == _SLASH


def is_among(byte: int, low: int, high: int) -> bool:
    """Whether a byte's bit is set, of the first 64 in `low`, of the next in `high`; foreign ones count modulo 128."""
    return (low if byte & 64 == 0 else high) >> (byte & 63) & 1 != 0


def is_separator(byte: int) -> bool:
    """Whether it may stand between a name and its number."""
    return byte < _FIRST_FOREIGN and is_among(byte, _SEPARATORS_LOW, _SEPARATORS_HIGH)


def word_before(text: Sequence[int], begin: int, start: int) -> int:
    """The last eight letters of the name before `start` and some separators, in small letters, as a big-endian number.

    0 where there is none, -1 where its letters are foreign ones.
    """
    at, bound = start, max(begin, start - _CONTEXT_BYTES)
    while at > bound and is_separator(text[at - 1]):
        at -= 1
    if at == start:
        return 0
    letters = 0
    for index in range(max(begin, at - 8), at):
        if text[index] >= _FIRST_FOREIGN:
            return -1
        letters = letters << 8 | text[index] | _LOWER
    return letters


def number_class(text: Sequence[int], begin: int, start: int, end: int) -> int:
    """The class of a number behind a separator: statuses, level numbers and errnos are kept."""
    length = end - start
    letters = word_before(text, begin, start)
    if not is_number(text, start, end):
        return KEPT if length == _SQLSTATE_BYTES and letters == _SQLSTATE_WORD else FOLDED
    last = letters & 0xFFFFFFFF
    if length <= 3 and (
        letters in (-1, _LEVELNAME_WORD)
        or last in (_ERRNO_WORD, _LEVEL_WORD, _SEVERITY_WORD)
        or letters & 0xFFFFFF == _LVL_WORD
    ):
        return KEPT
    if last in (_CODE_WORD, _STATUS_WORD, _WITH_WORD, _HTTP_WORD):
        if length == 3:
            return KEPT
        return LARGE_STATUS if length > 3 and last in (_CODE_WORD, _STATUS_WORD) else FOLDED
    if length == 3 and text[start - 1] == _SPACE and is_after_http(text, begin, start):
        return KEPT
    if length == _SQLSTATE_BYTES and letters == _SQLSTATE_WORD:
        return KEPT
    return FOLDED


def is_priority(text: Sequence[int], begin: int, start: int, end: int) -> bool:
    """Whether a number behind `<` is syslog's priority."""
    before = text[start - 2] if start - 2 >= begin else _SPACE
    is_closed = end < len(text) and text[end] == _MORE
    return is_closed and (before <= _SPACE or before >= _FIRST_FOREIGN) and end - start <= 3


def code_class(text: Sequence[int], begin: int, start: int, end: int) -> int:
    """The class of a word that begins with a capital letter: error codes and states of SQL are kept."""
    letters = start
    while letters < end and text[letters] > _NINE:
        letters += 1
    if 3 <= end - letters <= 6 and is_number(text, letters, end) and is_code(text, start, letters):
        return KEPT
    return state_class(text, begin, start, end)


def state_class(text: Sequence[int], begin: int, start: int, end: int) -> int:
    """The class of a word of letters and digits: kept where it is a state of SQL."""
    is_state = end - start == _SQLSTATE_BYTES and word_before(text, begin, start) == _SQLSTATE_WORD
    return KEPT if is_state else FOLDED


def dashed_class(text: Sequence[int], begin: int, start: int, end: int) -> int:
    """The class of a number behind a dash: that of an error's code is kept."""
    first = start - 1
    while first > begin and start - first < 10 and is_capital(text[first - 1]):
        first -= 1
    return KEPT if is_number(text, start, end) and is_code(text, first, start - 1) else FOLDED


def is_number(text: Sequence[int], start: int, end: int) -> bool:
    """Whether a word has digits alone."""
    for index in range(start, end):  # noqa: SIM110 - numba knows no all()
        if text[index] > _NINE:
            return False
    return True


def may_tell(text: Sequence[int], begin: int, start: int, end: int) -> bool:
    """False where a glance, without branches, shows that `word_class` is FOLDED, as it is for nearly all words."""
    length, first = end - start, text[start]
    before = text[start - 1] if start > begin else _LF
    name = text[start - 2] if start > begin + 1 else _ZERO
    follows_name = is_among(name, _NAME_ENDS_LOW, _NAME_ENDS_HIGH) | (length == 3) | (first == _ONE) & (length >= 10)
    return (
        (first > _NINE) & (first < _UNDERSCORE)
        | is_among(before, _SEPARATORS_LOW, _SEPARATORS_HIGH) & follows_name
        | (before == _DASH) & (length >= 3) & (length <= 6)
        | (before == _LESS)
        | (length == 1) & ((first == _ZERO) | (first == _ONE) & (before == _MORE))
    )


def word_class(text: Sequence[int], begin: int, start: int, end: int) -> int:
    """What becomes of `text[start:end]`, a word of ASCII that holds a digit, in a line that begins at `begin`.

    KEPT for what tells something and is not just a value. There is a byte behind the word. Asked where `may_tell`.
    """
    if end - start > _MAX_TELLING_BYTES:
        return FOLDED
    length, first = end - start, text[start]
    before = text[start - 1] if start > begin else _LF
    if first > _NINE:
        return code_class(text, begin, start, end)
    if length == 1 and first == _ZERO:
        return FOLDED if before in (_DASH, _DOT, _SLASH) else KEPT
    if before == _MORE:  # the version behind syslog's priority
        return KEPT
    if before == _DASH:
        return dashed_class(text, begin, start, end)
    if before == _LESS:
        return KEPT if is_priority(text, begin, start, end) else FOLDED
    if first == _ONE and length in _EPOCH_BYTES and is_number(text, start, end):
        return EPOCH_WORD + (length - _EPOCH_BYTES[0]) // 3
    return number_class(text, begin, start, end) if start > begin else FOLDED


def escape_bytes(text: Sequence[int], start: int, end: int) -> int:
    """How many bytes the escape takes whose backslash stands at `start`."""
    if start + 1 >= end or text[start + 1] == _LF:
        return 1
    if text[start + 1] != _U or start + 6 > end:
        return 2
    for index in range(start + 2, start + 6):
        byte = text[index]
        if not (_ZERO <= byte <= _NINE or _A <= byte | _LOWER <= _F):
            return 2
    return 6


def mix(mixed: int, word: int) -> int:
    """The hash of what `mixed` is the hash of, and eight bytes more."""
    mixed = (mixed ^ word) * _PRIME
    return mixed ^ mixed >> 32


def head_of(word: int, size: int) -> int:
    """The first `size` bytes (0 to 8) of eight; two shifts, because one by 64 bits would be none."""
    shift = (8 - size) << 2
    return word << shift << shift


def mix_run(text: Sequence[int], start: int, end: int, kind: int, mixed: int) -> int:
    """The hash of what `mixed` is the hash of, and `text[start:end]`, and of what kind the word behind it is."""
    at = start
    while end - at > 16:
        mixed = mix(mixed, load_word(text, at))
        at += 8
    size = min(8, end - at)
    word = head_of(load_word(text, at), size) * _ODD_FACTOR + head_of(load_word(text, at + 8), end - at - size)
    return mix(mixed, word * _OTHER_FACTOR + ((end - start) << 8 | kind))


def skip_blanks(text: Sequence[int], at: int) -> int:
    """Where the next byte stands that is no blank."""
    while text[at] == _SPACE or text[at] == _TAB:
        at += 1
    return at


def string_end(text: Sequence[int], start: int) -> int:
    """Where the quote stands that ends the string of JSON that begins at `start`, or -1."""
    at = start
    while True:
        stops, _, _ = text_masks(text, at)
        at += trailing_zeros(stops)
        if stops == 0:
            continue
        if text[at] == _QUOTE:
            return at
        if text[at] != _ESCAPE:
            return -1
        if text[at + 1] == _U:
            if escape_bytes(text, at, at + 6) < 6:
                return -1
            at += 6
        elif text[at + 1] in _ESCAPED:
            at += 2
        else:
            return -1


def digits_end(text: Sequence[int], start: int) -> int:
    """Where the digits end that begin at `start`, or -1 where there are none."""
    at = start
    while _ZERO <= text[at] <= _NINE:
        at += 1
    return at if at > start else -1


def number_end(text: Sequence[int], start: int) -> int:
    """Where the number of JSON ends that begins at `start`, or -1."""
    first = start + (text[start] == _DASH)
    at = first + 1 if text[first] == _ZERO else digits_end(text, first)
    if at > 0 and text[at] == _DOT:
        at = digits_end(text, at + 1)
    if at > 0 and text[at] | _LOWER == _E:
        at = digits_end(text, at + 1 + (text[at + 1] in (_PLUS, _DASH)))
    return at


def scalar_end(text: Sequence[int], start: int) -> int:
    """Where the number, true, false or null of JSON ends that begins at `start`, or -1."""
    word = load_word(text, start)
    if word & 0xFFFFFFFF in (_TRUE, _NULL):
        return start + 4
    return start + 5 if word & 0xFFFFFFFFFF == _FALSE else number_end(text, start)


def nested_end(text: Sequence[int], start: int) -> int:
    """Where the list or object of JSON ends that begins at `start`, or -1; inside only strings and brackets count."""
    at, depth = start, 0
    while True:
        byte = text[at]
        if byte == _QUOTE:
            at = string_end(text, at + 1)
        elif byte in (_OPEN, _BRACKET):
            depth += 1
        elif byte in (_CLOSE, _CLOSE_BRACKET):
            depth -= 1
        if at < 0 or (byte < _SPACE and byte != _TAB):
            return -1
        at += 1
        if depth == 0:
            return at


def may_hold_time(text: Sequence[int], start: int, end: int) -> bool:
    """Whether digits stand there as they do in a clock, or more text than a glance takes in."""
    if end - start >= CHUNK_BYTES:
        return True
    _, digits, points = text_masks(text, start)
    inside = (1 << end - start) - 1
    digits, points = digits & inside, points & inside
    return digits & points >> 1 & digits >> 2 & digits >> 3 & points >> 4 & digits >> 5 & digits >> 6 != 0


def is_visible(byte: int) -> bool:
    """Whether a string of JSON that begins so is surely not blank."""
    return _SPACE < byte < _DELETE and byte != _ESCAPE


def field_texts(text: Sequence[int], begin: int, places: MutableSequence[int]) -> int:
    """How many texts of the JSON object in the line that begins at `begin` taking it apart makes nothing of.

    Their starts and ends are put in `places`. None where the line is no such object, or may have no message: then
    all of it is one.
    """
    at, count, has_message = begin, 0, False
    while True:
        name = skip_blanks(text, at + 1) + 1
        if text[name - 1] != _QUOTE:  # the line may end here
            return 0
        at = name
        while text[at] >= _SPACE and text[at] != _QUOTE and text[at] != _ESCAPE:
            at += 1
        head = head_of(load_word(text, name), min(8, at - name))
        kind = _MESSAGE if head in _MESSAGE_HEADS else _READ if head in _OTHER_HEADS else _UNREAD
        if text[at] != _QUOTE:
            return 0
        colon = skip_blanks(text, at + 1)
        if text[colon] != _COLON:
            return 0
        is_short = at - name <= 8
        at = skip_blanks(text, colon + 1)
        start = at + 1
        if text[at] == _QUOTE:
            at = string_end(text, start) + 1
            if kind == _MESSAGE and text[start] != _QUOTE:
                if not is_visible(text[start]):
                    return 0
                has_message = has_message or is_short
            elif kind == _UNREAD and count < MAX_FIELD_TEXTS and at > 0 and not may_hold_time(text, start, at - 1):
                places[2 * count], places[2 * count + 1] = start, at - 1
                count += 1
        elif kind == _MESSAGE and load_word(text, at) & 0xFFFFFFFF != _NULL:
            return 0
        else:
            at = nested_end(text, at) if text[at] in (_OPEN, _BRACKET) else scalar_end(text, at)
        if at <= 0:
            return 0
        at = skip_blanks(text, at)
        if text[at] == _CLOSE:
            return count if has_message and text[skip_blanks(text, at + 1)] == _LF else 0
        if text[at] != _COMMA:
            return 0


def mix_words(text: Sequence[int], end: int, places: MutableSequence[int], mixed: int) -> int:
    """The hash of the key of a line that begins at 0, whatever bytes it holds."""
    index, run, field = 0, 0, 0
    fields = field_texts(text, 0, places) if text[0] == _OPEN else 0
    while index < end:
        byte = text[index]
        if field < fields and index == places[2 * field]:
            mixed = mix_run(text, run, index, FIELD_TEXT, mixed)
            index = run = places[2 * field + 1]
            field += 1
        elif byte == _ESCAPE:
            index += escape_bytes(text, index, end)
        elif byte < _FIRST_FOREIGN and not is_word(byte):
            index += 1
        else:
            start, has_digit, is_foreign = index, False, False
            while index < end and (text[index] >= _FIRST_FOREIGN or is_word(text[index])):
                has_digit = has_digit or _ZERO <= text[index] <= _NINE
                is_foreign = is_foreign or text[index] >= _FIRST_FOREIGN
                index += 1
            if has_digit and not is_foreign:
                kind = word_class(text, 0, start, index) if may_tell(text, 0, start, index) else FOLDED
                if kind != KEPT:
                    mixed = mix_run(text, run, start, kind, mixed)
                    run = index
    return mix_run(text, run, end, KEPT, mixed)


def color_bytes(text: Sequence[int], start: int, end: int) -> tuple[int, bool]:
    """(how many bytes the colour takes that begins at `start`: 0 if it is none, whether it is red)."""
    if start + 1 >= end or text[start + 1] != _BRACKET:
        return 0, False
    index, number, length, is_red, is_plain = start + 2, 0, 0, False, True
    while index < end and _ZERO <= text[index] <= 0x3F:
        if _ZERO <= text[index] <= _NINE:
            number, length = number * 10 + text[index] - _ZERO if length < 3 else 0, length + 1
        else:
            is_plain = is_plain and text[index] == _SEMICOLON and length > 0
            is_red = is_red or is_red_number(number, length)
            number, length = 0, 0
        index += 1
    is_red = (is_red or is_red_number(number, length)) and is_plain and length > 0
    while index < end and _SPACE <= text[index] < _ZERO:
        is_red = False
        index += 1
    if index >= end or not 0x40 <= text[index] < _DELETE:
        return 0, False
    return index + 1 - start, is_red and text[index] == _M


def is_red_number(number: int, length: int) -> bool:
    """Whether a number of so many digits, in a colour, is red."""
    return (length == 2 and number in (31, 41, 91)) or (length == 3 and number == 101)


def bare_line(text: Sequence[int], start: int, end: int, bare: MutableSequence[int]) -> tuple[int, bool]:
    """Copy a line without colours and control characters; (its length or -1 where that goes wrong, whether it is red).

    A line feed stands behind the copy.
    """
    size, is_red = 0, False
    index = start
    while index < end:
        byte = text[index]
        if byte == _ESC:
            length, is_red_here = color_bytes(text, index, end)
            if length == 0:
                return -1, False
            is_red = is_red or is_red_here
            index += length
            continue
        if byte in (_TAB, _CR) or (byte >= _SPACE and byte != _DELETE):
            bare[size] = byte
            size += 1
        index += 1
    bare[size] = _LF
    return size, is_red


def mix_fields(
    text: Sequence[int], places: Sequence[int], field: int, fields: int, end: int, run: int, mixed: int
) -> tuple[int, int, int]:
    """Of the fields from `field` on that lie before `end`: (the next one, where the run goes on, the hash)."""
    while field < fields and places[2 * field + 1] <= end:
        mixed = mix_run(text, run, places[2 * field], FIELD_TEXT, mixed)
        run = places[2 * field + 1]
        field += 1
    return field, run, mixed


def hash_odd_line(
    text: Sequence[int], start: int, end: int, bare: MutableSequence[int], places: MutableSequence[int]
) -> int:
    """The hash of a line's key where it is long, or holds odd bytes."""
    end = min(end, start + KEYED_BYTES)
    size, is_red = bare_line(text, start, end, bare)
    if size < 0:
        return mix_run(text, start, end, VERBATIM_MARK, _SEED)
    mixed = mix_words(bare, size, places, _SEED)
    return mix(mixed, RED_MARK) if is_red else mixed


def finish(mixed: int) -> int:
    """The hash as tables hold it: its low bits hang on all of it, and it is not 0."""
    mixed = mix(mixed, mixed >> 29)
    return mixed or 1


def long_word(text: Sequence[int], start: int) -> tuple[int, bool]:
    """(where the word ends that begins at `start` and fills a chunk, whether it holds a digit)."""
    end, has_digit = start, False
    while True:
        words, digits, _, _ = word_masks(text, end)
        length = trailing_zeros(~words)
        if length == CHUNK_BYTES:
            has_digit = has_digit or digits != 0
            end += CHUNK_BYTES
        else:
            return end + length, has_digit or digits & (1 << length) - 1 != 0


def hash_lines(
    text: Sequence[int],
    size: int,
    hashes: MutableSequence[int],
    starts: MutableSequence[int],
    bare: MutableSequence[int],
    places: MutableSequence[int],
) -> None:
    """The hash of every line's key, and where every line starts (and, last, where one more would).

    The text ends with a line feed, at `size`, and CHUNK_BYTES zeros behind it; `hashes` has a place for each line,
    `bare` KEYED_BYTES and CHUNK_BYTES of them, `places` twice MAX_FIELD_TEXTS. Chunks begin where no word is cut.
    What is hashed is eight bytes at a time from one folded word to the next. Bits: a word's first digit is where
    adding the words' starts to their other bytes carries to.
    """
    line, begin, run, mixed, is_plain, at = 0, 0, 0, _SEED, True, 0
    field, fields = 0, field_texts(text, 0, places) if text[0] == _OPEN else 0
    starts[0] = 0
    while at < size:
        words, digits, feeds, odds = word_masks(text, at)
        step = CHUNK_BYTES
        if words < 0:
            step -= leading_zeros(~words)
            if step == 0:
                end, has_digit = long_word(text, at)
                if field < fields:
                    field, run, mixed = mix_fields(text, places, field, fields, at, run, mixed)
                if has_digit and not (field < fields and places[2 * field] <= at < places[2 * field + 1]):
                    mixed = mix_run(text, run, at, FOLDED, mixed)
                    run = end
                at = end
                continue
            inside = (1 << step) - 1
            words, digits = words & inside, digits & inside
        events = ((words & ~(words << 1)) + (words & ~digits)) & digits | feeds | odds
        while events:
            place = trailing_zeros(events)
            events &= events - 1
            if field < fields:
                field, run, mixed = mix_fields(text, places, field, fields, at + place, run, mixed)
            if feeds >> place & 1:
                end = at + place
                if is_plain and end - begin <= KEYED_BYTES:
                    hashes[line] = finish(mix_run(text, run, end, KEPT, mixed))
                else:
                    hashes[line] = finish(hash_odd_line(text, begin, end, bare, places))
                line += 1
                begin = run = end + 1
                starts[line] = begin
                mixed, is_plain = _SEED, True
                field, fields = 0, field_texts(text, begin, places) if text[begin] == _OPEN else 0
            elif odds >> place & 1:
                is_plain = False
            elif field == fields or at + place < places[2 * field]:
                end = at + place + trailing_zeros(~(words >> place))
                start = at + place + 1 - leading_zeros(~(words << 63 - place))
                kind = word_class(text, begin, start, end) if may_tell(text, begin, start, end) else FOLDED
                if kind != KEPT:
                    mixed = mix_run(text, run, start, kind, mixed)
                    run = end
        at += step


def count_feeds(text: Sequence[int]) -> int:
    """How many line feeds there are."""
    count = 0
    for byte in text:
        count += byte == _LF
    return count
