"""A cheap key per line: lines with one key have one shape, so a line is taken apart only if its key is new.

A key is the line with every word that holds a digit made one byte, at least as fine as what taking the line apart
tells: a lone zero, statuses, error codes, level numbers and red print stay apart. The rules that need a look
around are written over indexes, so that Python and the compiled kernel run the same functions.
"""

import re

from services.logs.kernel_loops import (
    CHUNK_BYTES,
    FIELD_TEXT,
    FOLDED,
    KEPT,
    KEYED_BYTES,
    MAX_FIELD_TEXTS,
    MESSAGE_NAMES,
    OTHER_NAMES,
    RED_MARK,
    VERBATIM_MARK,
    is_visible,
    may_tell,
    word_class,
)

_ANSI = re.compile(rb"\x1b\[[0-?]*[ -/]*[@-~]")
_RED = re.compile(rb"\x1b\[(?:[0-9]+;)*(?:31|91|41|101)(?:;[0-9]+)*m")
_UNSEEN_BYTES = bytes({*range(32), 127} - {9, 10, 13})
_UNSEEN = re.compile(b"[" + re.escape(_UNSEEN_BYTES) + b"]")
_WORD = rb"0-9A-Za-z_\x80-\xff"
# All words of which `word_class` may say anything but FOLDED, and some more.
_TELLING = re.compile(
    rb"(?<![%b])(?:[A-Z][A-Za-z_]{0,13}+[0-9]|(?:(?<=[\x00- \":=[eshpolyESHPOLY\x80-\xff][\x00- \":=[])|(?<=<))[0-9]"
    rb"|(?<=[A-Z\x80-\xff]-)(?=[0-9]{3,6}(?![%b]))"
    rb"|(?<![^\x00- \":=[])(?=[0-9]{3}(?![%b])|1[0-9]{9})|(?<=>)1(?![%b])|0(?![%b]))[0-9A-Za-z_]*+(?![%b])"
    % ((_WORD,) * 6)
)
_VALUE = re.compile(rb"(?<![%b])[A-Za-z_]*+[0-9][0-9A-Za-z_]*+(?![%b])" % (_WORD, _WORD))
# An escape of JSON is no part of the word behind it.
_ESCAPES_AND_WORDS = re.compile(rb"\\(?:u[0-9A-Fa-f]{4}|[^\n])?|[%b]++" % _WORD)
_DIGITS = re.compile(rb"[0-9]")
# Digits of words that are kept, out of the way of what folds all others: no other byte becomes one of these.
_HIDDEN = bytes.maketrans(b"0123456789", bytes(range(16, 26)))
# A field of a JSON object: its name, and its text, or a number or the like, or a bracket.
_FIELD = re.compile(
    rb'[ \t]*"(?P<name>[^"\\\x00-\x1f]*)"[ \t]*:[ \t]*'
    rb'(?:"(?P<text>(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4}))*+)"'
    rb"|(?P<scalar>true|false|null|-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?+(?:[eE][-+]?[0-9]++)?+)|(?=[\[{]))"
)
_NESTED = re.compile(
    rb'[^"\[\]{}\x00-\x08\x0a-\x1f]++|"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4}))*+"|[\[{\]}]'
)
_SEPARATOR = re.compile(rb"[ \t]*[,}]")
_TIME = re.compile(rb"[0-9][.:][0-9]{2}[.:][0-9]{2}")
_MESSAGE_HEADS = frozenset(name[:8] for name in MESSAGE_NAMES)
_OTHER_HEADS = frozenset(name[:8] for name in OTHER_NAMES)
_FOLDED, _FIELD_TEXT, _RED_PRINT, _VERBATIM = (bytes((mark,)) for mark in (FOLDED, FIELD_TEXT, RED_MARK, VERBATIM_MARK))


def line_keys(lines: list[bytes]) -> list[bytes]:
    """The key of each line."""
    heads = [line[:KEYED_BYTES] for line in lines]
    text = b"\n".join(heads)
    if _UNSEEN.search(text):
        text = b"\n".join(map(_bare, heads))
    if b'"' in text and b"{" in text:
        text = b"\n".join(_fold_fields(line) if line[:1] == b"{" else line for line in text.split(b"\n"))
    keys = _VALUE.sub(_FOLDED, _TELLING.sub(_hide_kept, text)).split(b"\n")
    if b"\\" not in text and b"\x1b" not in text:
        return keys
    return list(map(_key_of_odd, heads, text.split(b"\n"), keys))


def _bare(line: bytes) -> bytes:
    """The line without colours and control characters, a mark behind it if it was red; an escape where that fails."""
    bare = _ANSI.sub(b"", line)
    if b"\x1b" in bare:
        return b"\x1b"
    return bare.translate(None, _UNSEEN_BYTES) + (_RED_PRINT if _RED.search(line) else b"")


def _fold_fields(line: bytes) -> bytes:
    """A JSON object without the texts that taking it apart makes nothing of; see `kernel_loops.field_texts`."""
    places: list[tuple[int, int]] = []
    at, has_message = 1, False
    while line[at - 1 : at] != b"}":
        field = _FIELD.match(line, at)
        if field is None:
            return line
        head, text, at = field["name"][:8], field["text"], field.end()
        is_message = head in _MESSAGE_HEADS
        if text is None and field["scalar"] is None:
            at = -1 if is_message else _nested_end(line, at)
        elif text is None:
            at = -1 if is_message and field["scalar"] != b"null" else at
        elif is_message:
            at = at if not text or is_visible(text[0]) else -1
            has_message = has_message or (text != b"" and len(field["name"]) == len(head))
        elif head not in _OTHER_HEADS and len(text) < CHUNK_BYTES and not _TIME.search(text):
            places.append(field.span("text"))
        separator = _SEPARATOR.match(line, at) if at > 0 else None
        if separator is None:
            return line
        at = separator.end()
    return _cut(line, places[:MAX_FIELD_TEXTS]) if has_message and not line[at:].strip(b" \t") else line


def _nested_end(line: bytes, start: int) -> int:
    """Where the list or object ends that begins at `start`, or -1; inside only strings and brackets count."""
    depth = 0
    for token in _NESTED.finditer(line, start):
        if token.start() != start:
            return -1
        start = token.end()
        depth += (token[0] in {b"{", b"["}) - (token[0] in {b"}", b"]"})
        if depth == 0:
            return start
    return -1


def _cut(line: bytes, places: list[tuple[int, int]]) -> bytes:
    """The line with a mark in each of the places."""
    parts, at = [], 0
    for start, end in places:
        parts.append(line[at:start])
        at = end
    return _FIELD_TEXT.join([*parts, line[at:]])


def _key_of_odd(head: bytes, bare: bytes, key: bytes) -> bytes:
    """The key of a line that may hold escapes, of JSON or of a terminal; `key` is that of one without."""
    if bare == b"\x1b":
        return _VERBATIM + head
    return _ESCAPES_AND_WORDS.sub(_fold_word, bare + b"\n")[:-1] if b"\\" in bare else key


def _fold_word(found: "re.Match[bytes]") -> bytes:
    """A word as it stands in the key, or an escape."""
    word = found[0]
    if not word.isascii() or not _DIGITS.search(word) or word[0] == ord("\\"):
        return word
    if may_tell(found.string, 0, found.start(), found.end()):
        return _hide_kept(found)
    return _FOLDED


def _hide_kept(found: "re.Match[bytes]") -> bytes:
    text, start = found.string, found.start()
    begin = text.rfind(b"\n", 0, start) + 1
    if not may_tell(text, begin, start, found.end()):
        return found[0]
    kind = word_class(text, begin, start, found.end())
    return found[0].translate(_HIDDEN) if kind == KEPT else bytes((kind,))
