"""An upload as the log files in it: itself, unpacked, or the members of an archive. Nothing touches the disk."""

import codecs
import io
import lzma
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from services.logs.compression import DEFLATE_ERROR, READ_BYTES, ByteStream, UnpackBudget, decompress
from services.logs.content import PEEK_BYTES, Container, container_of, refusal_of
from services.logs.limits import ReadLimits
from services.logs.refusals import NotALogError, StoppedShortError
from services.logs.tar import tar_entries
from services.logs.zip_entries import entry_pieces

_ENCRYPTED = 0x1
_ZIP_DAMAGE = (
    zipfile.BadZipFile,
    DEFLATE_ERROR,
    zlib.error,
    lzma.LZMAError,
    OSError,
    EOFError,
    ValueError,
    RuntimeError,  # NotImplementedError is one
)


@dataclass(slots=True)
class Member:
    """One log file of an upload.

    name: for display only (`archive.zip/pods/a.log`); it may hold anything and is never used as a path.
    layers: the containers it came out of, outermost first.
    stream: its bytes, unpacked; to be used before the next member is asked for.
    refusal: why it cannot be read (then the stream is empty), or None.
    """

    name: str
    stream: ByteStream
    layers: tuple[Container, ...] = ()
    refusal: str | None = None


@dataclass(slots=True)
class Upload:
    """One file as it was handed in, opened member by member.

    `bytes_read` of the packed file moves while members are read; `notes` collects what was left out of the
    archive as a whole.
    """

    path: Path
    name: str
    limits: ReadLimits
    bytes_read: int = 0
    notes: list[str] = field(default_factory=list)

    def members(self) -> Iterator[Member]:
        """The log files in it, in order. Raises NotALogError where the path itself cannot be read."""
        try:
            size = self.path.stat().st_size
            with self.path.open("rb") as file:
                budget = UnpackBudget(size, self.limits)
                walk = _Walk(self, budget)
                yield from walk.open(ByteStream(self._pieces(file)), self.name, (), file)
        except OSError as error:
            raise NotALogError(_cannot_open(error)) from error

    def _pieces(self, file: IO[bytes]) -> Iterator[bytes]:
        while piece := file.read(READ_BYTES):
            self.bytes_read += len(piece)
            yield piece


def _cannot_open(error: OSError) -> str:
    if isinstance(error, IsADirectoryError):
        return "is a folder; name the files in it, or send it as one .zip or .tar.gz"
    if isinstance(error, FileNotFoundError):
        return "does not exist; check the name"
    if isinstance(error, PermissionError):
        return "may not be read by this user; check its permissions"
    return f"cannot be read ({error.strerror or error}); copy it again"


@dataclass(slots=True)
class _Walk:
    """One pass through the layers of an upload."""

    upload: Upload
    budget: UnpackBudget
    seen: int = 0
    skipped: int = 0

    def open(
        self, stream: ByteStream, name: str, layers: tuple[Container, ...], file: IO[bytes] | None = None
    ) -> Iterator[Member]:
        head = stream.peek(PEEK_BYTES)
        container = container_of(head)
        if container is None:
            yield Member(name, stream, layers, _refusal(head))
        elif len(layers) >= self.upload.limits.max_depth:
            why = f"is packed more than {self.upload.limits.max_depth} layers deep; unpack it once and send that"
            yield Member(name, ByteStream(iter(())), layers, why)
        elif container is Container.ZIP:
            yield from self._open_zip(stream, name, layers, file)
        elif container is Container.TAR:
            yield from self._open_tar(stream, name, layers)
        else:
            unpacked = ByteStream(decompress(container, stream, self.budget))
            yield from self.open(unpacked, name, (*layers, container))

    def _open_tar(self, stream: ByteStream, name: str, layers: tuple[Container, ...]) -> Iterator[Member]:
        inside = (*layers, Container.TAR)
        try:
            for entry in tar_entries(stream):
                if self._is_within_cap():
                    yield from self.open(ByteStream(entry.contents), f"{name}/{entry.name}", inside)
        except StoppedShortError as stopped:
            self.upload.notes.append(str(stopped))
        self._note_skipped()

    def _open_zip(
        self, stream: ByteStream, name: str, layers: tuple[Container, ...], file: IO[bytes] | None
    ) -> Iterator[Member]:
        inside = (*layers, Container.ZIP)
        try:
            packed = file or self._held(stream)
            archive = zipfile.ZipFile(packed)
        except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
            why = f"is a damaged or cut-off zip archive ({_lowered(error)}); make and send it again"
            yield Member(name, ByteStream(iter(())), inside, why)
            return
        except StoppedShortError as stopped:
            yield Member(name, ByteStream(iter(())), inside, str(stopped))
            return
        with archive:
            entries = [entry for entry in archive.infolist() if not entry.filename.endswith("/")]
            if not entries:
                self.upload.notes.append("the zip archive holds no files; check what was packed")
            for entry in entries:
                if self._is_within_cap():
                    yield from self._open_entry(archive, entry, packed, f"{name}/{entry.filename}", inside)
        self._note_skipped()

    def _open_entry(
        self,
        archive: zipfile.ZipFile,
        entry: zipfile.ZipInfo,
        packed: IO[bytes],
        name: str,
        inside: tuple[Container, ...],
    ) -> Iterator[Member]:
        if entry.flag_bits & _ENCRYPTED:
            why = "is locked with a password; send it unlocked"
            yield Member(name, ByteStream(iter(())), inside, why)
            return
        yield from self.open(ByteStream(self._unzipped(archive, entry, packed)), name, inside)

    def _unzipped(self, archive: zipfile.ZipFile, entry: zipfile.ZipInfo, packed: IO[bytes]) -> Iterator[bytes]:
        try:
            for piece in entry_pieces(archive, entry, packed):
                self.budget.spend(len(piece))
                if not isinstance(packed, io.BytesIO):
                    self.upload.bytes_read = max(self.upload.bytes_read, packed.tell())
                yield piece
        except _ZIP_DAMAGE as error:
            raise StoppedShortError(f"is damaged inside the zip archive ({_lowered(error)}); make it again") from error

    def _held(self, stream: ByteStream) -> io.BytesIO:
        cap = self.upload.limits.max_nested_bytes
        held = stream.read(cap + 1)
        if len(held) > cap:
            raise StoppedShortError(f"is a zip of over {cap:,} bytes inside an archive; send it by itself")
        return io.BytesIO(held)

    def _is_within_cap(self) -> bool:
        self.seen += 1
        within = self.seen <= self.upload.limits.max_members
        self.skipped += not within
        return within

    def _note_skipped(self) -> None:
        if self.skipped:
            read = self.seen - self.skipped
            self.upload.notes.append(
                f"{read:,} of its {self.seen:,} files were read (the cap); send the ones that matter by themselves"
            )
            self.skipped = 0


# Some editors write a byte order mark into a file without a line.
_EMPTY = (b"", codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def _refusal(head: bytes) -> str | None:
    if head in _EMPTY:
        return "is empty; check that the program wrote its log there"
    return refusal_of(head)


def _lowered(error: Exception) -> str:
    text = str(error).split("\n")[0].rstrip(".")
    return text[:1].lower() + text[1:120]
