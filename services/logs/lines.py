"""Bytes to lines, as `grep -n` and editors count them: LF ends a line, CRLF is trimmed.

A lone CR (a progress bar) ends a line only in a file that has no LF at all. Lines of any length are counted;
of those beyond the cap the head is kept.
"""

import codecs
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from services.logs.content import utf16_of

_BLOCK_BYTES = 1 << 19
# A text without a single LF in its first megabyte is taken for an old Mac one, until an LF turns up.
_LF_EXPECTED_WITHIN_BYTES = 1 << 20
# Far enough apart to be few, near enough for a single line to be read in a millisecond.
_WAYPOINT_BYTES = 1 << 21


class LineFeedAfterAllError(Exception):
    """Lines were split at CR, and then an LF came: the file has to be read again, split at LF."""


@dataclass(frozen=True, slots=True)
class Waypoint:
    """Where in the text the line of this number (from 0) begins."""

    line: int
    offset_bytes: int


def _count_feeds(block: bytes) -> int:
    return block.count(b"\n")


@dataclass(slots=True)
class LineReader:
    """Cuts pieces of UTF-8-like bytes into blocks of whole lines (joined by LF, without a final one).

    waypoints: a few places of the text read so far where reading can begin again. count_feeds: counts line feeds.
    """

    max_line_bytes: int
    split_at_cr: bool = True
    count_feeds: Callable[[bytes], int] = _count_feeds
    long_lines: list[int] = field(default_factory=list)
    waypoints: list[Waypoint] = field(default_factory=lambda: [Waypoint(0, 0)])
    _line_count: int = 0

    def blocks(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        """Blocks of about half a megabyte. Raises LineFeedAfterAllError (see there)."""
        pending, dropped, ended_by_lf, at_cr, taken_bytes = b"", False, False, False, 0
        for piece in _coalesced(pieces):
            text = pending + piece if pending else piece
            taken_bytes += len(piece)
            end = text.rfind(b"\n")
            if end < 0:
                if self.split_at_cr and not ended_by_lf and len(text) > _LF_EXPECTED_WITHIN_BYTES and b"\r" in text:
                    at_cr = True
                    head, _, pending = text.rpartition(b"\r")
                    yield self._counted(head.replace(b"\r", b"\n"))
                elif len(text) > _LF_EXPECTED_WITHIN_BYTES:
                    pending, dropped = text[: self.max_line_bytes], True
                else:
                    pending = text
                continue
            if at_cr:
                raise LineFeedAfterAllError
            ended_by_lf = True
            if dropped:
                self.long_lines.append(self._line_count + 1)
                first = text.find(b"\n")
                text = text[: self.max_line_bytes] + text[first:]
                end, dropped = text.rfind(b"\n"), False
            yield self._counted(_without_returns(text[:end]))
            pending = text[end + 1 :]
            self._note_waypoint(taken_bytes - len(pending))
        if pending:
            if dropped:
                self.long_lines.append(self._line_count + 1)
            if not ended_by_lf and self.split_at_cr:
                pending = pending.removesuffix(b"\r").replace(b"\r", b"\n")
            yield self._counted(pending)

    def _note_waypoint(self, offset_bytes: int) -> None:
        if offset_bytes - self.waypoints[-1].offset_bytes >= _WAYPOINT_BYTES:
            self.waypoints.append(Waypoint(self._line_count, offset_bytes))

    def _counted(self, block: bytes) -> bytes:
        self._line_count += self.count_feeds(block) + 1
        return block


def _without_returns(block: bytes) -> bytes:
    """Without the CR of CRLF; looking for one byte first is many times as fast as looking for two."""
    return block.replace(b"\r\n", b"\n").removesuffix(b"\r") if b"\r" in block else block


def _coalesced(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Small pieces joined up, for the work per block to be worth it."""
    parts: list[bytes] = []
    size = 0
    for piece in pieces:
        parts.append(piece)
        size += len(piece)
        if size >= _BLOCK_BYTES:
            yield b"".join(parts)
            parts, size = [], 0
    if size:
        yield b"".join(parts)


def as_utf8(pieces: Iterator[bytes], head: bytes) -> tuple[str, Iterator[bytes]]:
    """(encoding, pieces in UTF-8 without a byte order mark); Latin-1 is found out later, line by line."""
    utf16 = utf16_of(head)
    if utf16:
        return utf16, _transcoded(pieces, utf16)
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig", _without_mark(pieces)
    return "utf-8", pieces


def _without_mark(pieces: Iterator[bytes]) -> Iterator[bytes]:
    head = b""
    for piece in pieces:
        head += piece
        if len(head) >= len(codecs.BOM_UTF8):
            break
    yield head[len(codecs.BOM_UTF8) :]
    yield from pieces


def _transcoded(pieces: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
    first = True
    for piece in pieces:
        text = decoder.decode(piece)
        yield (text.removeprefix("\ufeff") if first else text).encode("utf-8", "replace")
        first = False
    yield decoder.decode(b"", final=True).encode("utf-8", "replace")


def decode(line: bytes) -> str:
    """UTF-8, and where it is not, Latin-1, which reads any bytes."""
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return line.decode("latin-1")
