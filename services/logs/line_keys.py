"""A cheap key per line: lines with one key have one shape, so a line is taken apart only if its key is new.

A key is the line with every word that holds a digit made one byte, at least as fine as what taking the line apart
tells: a lone zero, statuses, error codes, level numbers and red print stay apart. The rules that need a look
around are written over indexes, so that Python and the compiled kernel run the same functions.
"""

import re

from services.logs.kernel_loops import DIGIT, FOREIGN, KEYED_BYTES, LETTER, is_kept


def _kind(byte: int) -> int:
    if byte >= 0x80:
        return FOREIGN
    if 48 <= byte <= 57:
        return DIGIT
    return LETTER if bytes((byte,)).isalpha() or byte == 95 else 0


BYTE_KINDS = bytes(map(_kind, range(256)))

_ANSI = re.compile(rb"\x1b\[[0-?]*[ -/]*[@-~]")
_RED = re.compile(rb"\x1b\[(?:[0-9]+;)*(?:31|91|41|101)(?:;[0-9]+)*m")
# An escape of JSON is no part of the word behind it.
_WORDS = re.compile(rb"\\(?:u[0-9A-Fa-f]{4}|[^\n])?|[0-9A-Za-z_\x80-\xff]+")
_DIGITS = re.compile(rb"[0-9]")
_FOLDED = b"\xff\xff"


def fold_colors(block: bytes) -> bytes:
    """The block with each colour made one byte, red a byte of its own; its lines stay as many."""
    if b"\x1b[" not in block:
        return block
    return _ANSI.sub(lambda found: b"\x01" if _RED.fullmatch(found[0]) else b"\x1b", block)


def line_keys(lines: list[bytes]) -> list[bytes]:
    """The key of each line (its colours folded already)."""
    heads = b"\n".join(line[:KEYED_BYTES] for line in lines)
    return _WORDS.sub(_fold, heads).split(b"\n")


def _fold(found: "re.Match[bytes]") -> bytes:
    word = found[0]
    if not _DIGITS.search(word) or word[0] == 92 or not word.isascii():
        return word
    return word if is_kept(found.string, found.start(), found.end()) else _FOLDED
