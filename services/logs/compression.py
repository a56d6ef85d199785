"""Streams of bytes: reading them in pieces, and undoing compression within a budget."""

import bz2
import lzma
from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

import zstandard
from isal import isal_zlib

from services.logs.content import Container
from services.logs.limits import ReadLimits
from services.logs.refusals import StoppedShortError

READ_BYTES = 1 << 18
# zstd cannot be told to stop within a piece of input; a kilobyte of input unpacks to 32 MB at the very worst.
_ZSTD_FEED_BYTES = 1 << 10
# `zstd --long` windows up to this are honoured; a stream that asks for more would take the memory it asks for.
_MAX_WINDOW_BYTES = 1 << 27
_MAX_XZ_MEMORY_BYTES = 1 << 28
_GZIP_WBITS = 31  # as zlib counts: a gzip header and the largest window
DEFLATE_ERROR = cast("type[Exception]", isal_zlib.error)  # its stub calls the class an instance


class ByteStream:
    """An iterator of byte pieces that can also be looked into and read by length."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._held = b""

    def peek(self, size: int) -> bytes:
        """Up to `size` first bytes, which stay unread. A stream that breaks off early shows what there is."""
        while len(self._held) < size:
            try:
                piece = next(self._pieces, b"")
            except StoppedShortError as stopped:
                self._pieces = _raising(stopped)
                break
            if not piece:
                break
            self._held += piece
        return self._held[:size]

    def read(self, size: int) -> bytes:
        """Exactly `size` bytes, fewer only at the end. A break-off is raised once what came before is used up."""
        parts, missing = [self._held[:size]], size - len(self._held[:size])
        self._held = self._held[size:]
        try:
            while missing and (piece := next(self._pieces, b"")):
                parts.append(piece[:missing])
                self._held = piece[missing:]
                missing -= len(parts[-1])
        except StoppedShortError as stopped:
            if not any(parts):
                raise
            self._pieces = _raising(stopped)
        return b"".join(parts)

    def __iter__(self) -> Iterator[bytes]:
        if self._held:
            held, self._held = self._held, b""
            yield held
        yield from self._pieces


def _raising(error: StoppedShortError) -> Iterator[bytes]:
    """An iterator whose first step raises."""
    return map(_raise, (error,))


def _raise(error: StoppedShortError) -> bytes:
    raise error


@dataclass(slots=True)
class UnpackBudget:
    """What one upload may unpack to, over all its layers and members."""

    upload_bytes: int
    limits: ReadLimits
    spent_bytes: int = 0

    def spend(self, size: int) -> None:
        """Count `size` unpacked bytes. Raises StoppedShortError where a cap is passed."""
        self.spent_bytes += size
        if self.spent_bytes > self.limits.max_decompressed_bytes:
            cap = self.limits.max_decompressed_bytes
            raise StoppedShortError(f"only the first {cap:,} unpacked bytes were read; split it to have the rest read")
        ratio_cap = max(self.limits.ratio_floor_bytes, self.upload_bytes * self.limits.max_ratio)
        if self.spent_bytes > ratio_cap:
            raise StoppedShortError(
                f"it unpacks to more than {self.limits.max_ratio} times its size, as a zip bomb does; "
                f"only the first {ratio_cap:,} bytes were read; send it unpacked if it is real"
            )


def decompress(container: Container, packed: ByteStream, budget: UnpackBudget) -> Iterator[bytes]:
    """The unpacked bytes, piece by piece. Raises StoppedShortError at damage, a cut or a cap."""
    pieces = {
        Container.GZIP: _gunzip,
        Container.ZSTD: _unzstd,
        Container.BZIP2: _unbzip2,
        Container.XZ: _unxz,
    }[container](packed)
    total = 0
    try:
        for piece in pieces:
            budget.spend(len(piece))
            total += len(piece)
            if piece:
                yield piece
    except (DEFLATE_ERROR, zstandard.ZstdError, lzma.LZMAError, OSError, EOFError) as error:
        raise StoppedShortError(_broken(container, error, total)) from error


def _broken(container: Container, error: Exception, unpacked_bytes: int) -> str:
    # Both libraries say it in words alone: "Frame requires too much memory", "Memory usage limit exceeded".
    if "memory" in str(error).lower():
        return f"the {container} data takes more memory to unpack than it is given; pack it again at the usual level"
    return f"the {container} data is damaged after {unpacked_bytes:,} unpacked bytes; {_RESEND}"


_RESEND = "what came before that was read; send it again for the rest"


def _cut(container: Container) -> StoppedShortError:
    return StoppedShortError(f"the {container} data ends too early (a cut-off upload?); {_RESEND}")


def _gunzip(packed: ByteStream) -> Iterator[bytes]:
    """Concatenated members, as `cat a.gz b.gz` and log shippers make them; zero padding at the end is ignored."""
    source = iter(packed)
    rest = next(source, b"")
    while rest.strip(b"\x00"):
        if not rest.startswith(b"\x1f"):
            raise StoppedShortError("bytes that are not gzip follow the gzip data and were not read")
        unpacker = isal_zlib.decompressobj(wbits=_GZIP_WBITS)  # three times as fast as zlib's
        while not unpacker.eof:
            if not rest and not (rest := next(source, b"")):
                raise _cut(Container.GZIP)
            yield unpacker.decompress(rest, READ_BYTES)
            rest = unpacker.unconsumed_tail or (b"" if not unpacker.eof else unpacker.unused_data)
        rest = unpacker.unused_data or next(source, b"")


def _unzstd(packed: ByteStream) -> Iterator[bytes]:
    context = zstandard.ZstdDecompressor(max_window_size=_MAX_WINDOW_BYTES)
    unpacker, inside = context.decompressobj(), False
    for piece in packed:
        for start in range(0, len(piece), _ZSTD_FEED_BYTES):
            feed = piece[start : start + _ZSTD_FEED_BYTES]
            while feed:
                if unpacker.eof:
                    unpacker = context.decompressobj()
                yield unpacker.decompress(feed)
                feed, inside = unpacker.unused_data, not unpacker.eof
    if inside:
        raise _cut(Container.ZSTD)


def _unbzip2(packed: ByteStream) -> Iterator[bytes]:
    return _bounded(packed, Container.BZIP2)


def _unxz(packed: ByteStream) -> Iterator[bytes]:
    return _bounded(packed, Container.XZ)


def _new_unpacker(container: Container) -> bz2.BZ2Decompressor | lzma.LZMADecompressor:
    if container is Container.BZIP2:
        return bz2.BZ2Decompressor()
    return lzma.LZMADecompressor(memlimit=_MAX_XZ_MEMORY_BYTES)


def _bounded(packed: ByteStream, container: Container) -> Iterator[bytes]:
    """bzip2 and xz share one interface: output capped per call, several streams one after the other."""
    unpacker, begun = _new_unpacker(container), False
    for piece in packed:
        feed = piece
        while feed or not (unpacker.needs_input or unpacker.eof):
            if unpacker.eof:
                unpacker = _new_unpacker(container)
            yield unpacker.decompress(feed, READ_BYTES)
            begun = True
            feed = unpacker.unused_data if unpacker.eof else b""
    if begun and not unpacker.eof:
        raise _cut(container)
