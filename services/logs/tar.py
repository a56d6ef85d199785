"""Reading a tar stream front to back in bounded memory: names and contents, nothing is ever written.

The layout is POSIX ustar with the two common extensions for long names (GNU `L` entries and pax `path`
records). Written here because a hostile header must never cost more memory than a block.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from services.logs.compression import READ_BYTES, ByteStream
from services.logs.refusals import StoppedShortError

_BLOCK = 512
_MAX_NAME_BYTES = 1 << 16
_REGULAR = (b"0", b"\x00", b"7")


@dataclass(frozen=True, slots=True)
class TarEntry:
    """One regular file of the archive; `contents` must be used up before the next entry is asked for."""

    name: str
    contents: Iterator[bytes]


def tar_entries(stream: ByteStream) -> Iterator[TarEntry]:
    """The regular files in order. Raises StoppedShortError where the archive is damaged or cut."""
    long_name = ""
    while (header := stream.read(_BLOCK)).strip(b"\x00"):
        size, kind = _size_of(header), header[156:157]
        if kind in (b"L", b"x"):
            long_name = _long_name(stream.read(min(size, _MAX_NAME_BYTES)), kind) or long_name
            _skip(stream, _padded(size) - min(size, _MAX_NAME_BYTES))
        elif kind in _REGULAR:
            contents = _Contents(stream, size)
            yield TarEntry(long_name or _short_name(header), iter(contents))
            _skip(stream, contents.left_bytes + _padded(size) - size)
            long_name = ""
        else:
            _skip(stream, _padded(size))
            long_name = "" if kind in (b"1", b"2", b"5") else long_name


class _Contents:
    """The bytes of one entry, counting down."""

    def __init__(self, stream: ByteStream, size: int) -> None:
        self._stream = stream
        self.left_bytes = size

    def __iter__(self) -> Iterator[bytes]:
        while self.left_bytes:
            piece = self._stream.read(min(READ_BYTES, self.left_bytes))
            if not piece:
                self.left_bytes = 0
                raise _cut()
            self.left_bytes -= len(piece)
            yield piece


def _cut() -> StoppedShortError:
    return StoppedShortError("the tar archive ends too early (a cut-off upload?); what came before was read")


def _padded(size: int) -> int:
    return -(-size // _BLOCK) * _BLOCK


def _skip(stream: ByteStream, size: int) -> None:
    while size > 0 and (piece := stream.read(min(READ_BYTES, size))):
        size -= len(piece)


def _size_of(header: bytes) -> int:
    field = header[124:136]
    if len(header) < _BLOCK:
        raise _cut()
    try:
        size = int.from_bytes(field[1:], "big") if field[0] & 0x80 else int(field.strip(b" \x00") or b"0", 8)
    except ValueError:
        raise StoppedShortError("a header of the tar archive is damaged; what came before was read") from None
    return max(0, size)


def _short_name(header: bytes) -> str:
    name, prefix = _text(header[:100]), _text(header[345:500]) if header[257:262] == b"ustar" else ""
    return f"{prefix}/{name}" if prefix else name


def _long_name(value: bytes, kind: bytes) -> str:
    if kind == b"L":
        return _text(value)
    for record in value.split(b"\n"):
        _, _, pair = record.partition(b" ")
        if pair.startswith(b"path="):
            return _text(pair[5:])
    return ""


def _text(field: bytes) -> str:
    return field.split(b"\x00")[0].decode("utf-8", "replace")
