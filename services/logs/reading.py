"""Scanning uploads: path in, one FileScan per log file out; and fetching single lines again to quote them."""

import hashlib
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from services.logs.columns import believed_range, lines_of
from services.logs.compression import READ_BYTES
from services.logs.content import PEEK_BYTES, container_of
from services.logs.fields import FieldSampler
from services.logs.formats import format_of
from services.logs.limits import ReadLimits
from services.logs.lines import LineFeedAfterAllError, LineReader, Waypoint, as_utf8, decode
from services.logs.members import Member, Upload
from services.logs.refusals import NotALogError, StoppedShortError
from services.logs.scan import FileScan, LineSource, Shape, Template, empty_scan
from services.logs.shaping import BULK_BEGINS_BYTES, Shaper, compiled_count
from services.logs.templates import group_templates

OnBytes = Callable[[int, int], None]
"""Called with (packed bytes read of this upload, lines so far in this member)."""


def scan_upload(
    path: Path,
    name: str,
    *,
    limits: ReadLimits | None = None,
    today: date | None = None,
    on_bytes: OnBytes | None = None,
    threads: int | None = None,
) -> list[FileScan]:
    """Scan every log file in an upload, in order; what cannot be read is a scan without lines that says why.

    `today` dates time stamps that bear no year (default: the current day, UTC). `threads` hash lines (default: one
    a processor, at most two); the result does not depend on it. Never raises for content.
    """
    reading = _Reading(path, name, limits or ReadLimits(), today or datetime.now(UTC).date(), on_bytes, threads)
    while True:
        try:
            return reading.scans()
        except LineFeedAfterAllError:
            continue


@dataclass(slots=True)
class _Reading:
    path: Path
    name: str
    limits: ReadLimits
    today: date
    on_bytes: OnBytes | None
    threads: int | None
    lf_only: set[int] = field(default_factory=set)

    def scans(self) -> list[FileScan]:
        upload = Upload(self.path, self.name, self.limits)
        scans: list[FileScan] = []
        try:
            scans.extend(self._scan(upload, member, ordinal) for ordinal, member in enumerate(upload.members()))
        except NotALogError as refused:
            source = LineSource(self.path, 0, splits_at_cr=False)
            return [empty_scan(self.name, source, sha256="", size_bytes=0, compression=None, unread=(str(refused),))]
        return self._with_whole(upload, scans)

    def bulk_begins(self) -> int:
        """From which byte on a member is read by the compiled loops: from the first where the upload is large."""
        return 0 if self.path.stat().st_size > BULK_BEGINS_BYTES else BULK_BEGINS_BYTES

    def _with_whole(self, upload: Upload, scans: list[FileScan]) -> list[FileScan]:
        """A file by itself is named by what was uploaded; an archive with something left out gets its own entry."""
        is_plain = len(scans) == 1 and scans[0].name == self.name
        if not upload.notes and not is_plain:
            return scans
        sha256, size = _digest(self.path)
        if is_plain:
            unread = (*scans[0].unread, *upload.notes)
            return [replace(scans[0], sha256=sha256, size_bytes=size, unread=unread)]
        kind = "+".join(container_of_path(self.path)) or None
        source = LineSource(self.path, -1, splits_at_cr=False)
        notes = tuple(upload.notes)
        return [
            empty_scan(self.name, source, sha256=sha256, size_bytes=size, compression=kind, unread=notes),
            *scans,
        ]

    def _scan(self, upload: Upload, member: Member, ordinal: int) -> FileScan:
        source = LineSource(self.path, ordinal, splits_at_cr=ordinal not in self.lf_only)
        compression = "+".join(member.layers) or None
        digest, unread = _Digest(), [member.refusal] if member.refusal else []
        pieces = digest.passing(until_stopped(iter(member.stream), unread))
        if not member.refusal:
            head = member.stream.peek(PEEK_BYTES)
            return self._scan_lines(
                upload, member, source=source, digest=digest, unread=unread, text=as_utf8(pieces, head)
            )
        for _ in pieces:
            pass
        return empty_scan(
            member.name,
            source,
            sha256=digest.hex(),
            size_bytes=digest.size_bytes,
            compression=compression,
            unread=tuple(unread),
        )

    def _scan_lines(
        self,
        upload: Upload,
        member: Member,
        *,
        source: LineSource,
        digest: "_Digest",
        unread: list[str],
        text: tuple[str, Iterator[bytes]],
    ) -> FileScan:
        encoding, pieces = text
        sampler = FieldSampler()
        lines = LineReader(self.limits.max_line_bytes, split_at_cr=source.splits_at_cr)
        if not self.bulk_begins():
            lines.count_feeds = compiled_count()
        with Shaper(
            self.limits, self.today, on_lines=sampler.sample, threads=self.threads, bulk_begins_bytes=self.bulk_begins()
        ) as shaper:
            try:
                for block in lines.blocks(pieces):
                    shaper.add(block)
                    if self.on_bytes:
                        self.on_bytes(upload.bytes_read, len(shaper.shape_of_line))
            except LineFeedAfterAllError:
                self.lf_only.add(source.ordinal)
                raise
            shaper.finish()
        unread.extend(_long_line_notes(lines.long_lines, self.limits))
        if encoding == "utf-8" and not member.layers:
            source = replace(source, waypoints=tuple(lines.waypoints))
        shapes = shaper.shapes()
        texts, of_shape = group_templates([shape.skeleton for shape in shapes])
        return FileScan(
            name=member.name,
            sha256=digest.hex(),
            size_bytes=digest.size_bytes,
            compression="+".join(member.layers) or None,
            encoding="latin-1" if shaper.not_utf8 and encoding == "utf-8" else encoding,
            format=format_of((shape.style, shape.sample, shape.count) for shape in shapes),
            source=source,
            unread=tuple(unread),
            shapes=shapes,
            shape_of_line=shaper.shape_of_line,
            second_of_line=shaper.second_of_line,
            seconds=believed_range(shaper.second_of_line),
            templates=_templates(texts, of_shape, shapes),
            template_of_shape=of_shape,
            fields=sampler.series(),
            key_lines=_key_lines(shaper),
            further_lines=tuple(shaper.book.further_lines),
            addressing_lines=tuple(shaper.book.addressing_lines),
        )


def read_lines(scan: FileScan, wanted: Collection[int], *, limits: ReadLimits | None = None) -> dict[int, str]:
    """The text of single lines (numbered from 0) of a scanned file, read again from its upload; undisplayable as yet.

    Lines that are gone (the file changed meanwhile) are left out.
    """
    found: dict[int, str] = {}
    for waypoint, lines in _by_waypoint(scan, wanted).items():
        blocks = (
            _blocks_from(scan, waypoint, limits or ReadLimits()) if waypoint.line else read_blocks(scan, limits=limits)
        )
        _collect(blocks, waypoint.line, lines, found)
    return found


def _by_waypoint(scan: FileScan, wanted: Collection[int]) -> dict[Waypoint, set[int]]:
    """The wanted lines by the waypoint to begin at; all by the file's begin where it has but that."""
    waypoints = scan.source.waypoints or (Waypoint(0, 0),)
    groups: dict[Waypoint, set[int]] = {}
    for line in sorted(wanted):
        place = bisect_right(waypoints, line, key=lambda waypoint: waypoint.line)
        groups.setdefault(waypoints[place - 1], set()).add(line)
    return groups


def _blocks_from(scan: FileScan, waypoint: Waypoint, limits: ReadLimits) -> Iterator[bytes]:
    with scan.source.path.open("rb") as file:
        file.seek(waypoint.offset_bytes)
        yield from LineReader(limits.max_line_bytes, split_at_cr=False).blocks(iter(lambda: file.read(READ_BYTES), b""))


def read_blocks(scan: FileScan, *, limits: ReadLimits | None = None) -> Iterator[bytes]:
    """The lines of a scanned file, read again from its upload: in blocks, joined by LF, undisplayable as yet."""
    limits = limits or ReadLimits()
    upload = Upload(scan.source.path, scan.name, limits)
    members = (member for ordinal, member in enumerate(upload.members()) if ordinal == scan.source.ordinal)
    for member in members:
        head = member.stream.peek(PEEK_BYTES)
        _, pieces = as_utf8(until_stopped(iter(member.stream), []), head)
        reader = LineReader(limits.max_line_bytes, split_at_cr=scan.source.splits_at_cr)
        yield from reader.blocks(pieces)
        break


def _collect(blocks: Iterator[bytes], first: int, missing: set[int], found: dict[int, str]) -> None:
    last = max(missing)
    for block in blocks:
        count = block.count(b"\n") + 1
        here = [line for line in missing if first <= line < first + count]
        if here:
            lines = block.split(b"\n")
            found.update((line, decode(lines[line - first])) for line in here)
        first += count
        if first > last:
            return


@dataclass(slots=True)
class _Digest:
    """Size and SHA-256 of the bytes that passed."""

    size_bytes: int = 0
    _hash: Any = field(default_factory=hashlib.sha256)

    def passing(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        for piece in pieces:
            self._hash.update(piece)
            self.size_bytes += len(piece)
            yield piece

    def hex(self) -> str:
        return str(self._hash.hexdigest())


def _digest(path: Path) -> tuple[str, int]:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest(), path.stat().st_size


def container_of_path(path: Path) -> list[str]:
    """The outermost container of a file, for its entry in the report."""
    with path.open("rb") as file:
        container = container_of(file.read(PEEK_BYTES))
    return [container] if container else []


def until_stopped(pieces: Iterator[bytes], unread: list[str]) -> Iterator[bytes]:
    """The pieces up to where reading breaks off; the reason is added to `unread`."""
    try:
        yield from pieces
    except StoppedShortError as stopped:
        unread.append(str(stopped))


def _long_line_notes(long_lines: list[int], limits: ReadLimits) -> list[str]:
    if not long_lines:
        return []
    which = f"line {long_lines[0]:,} is" if len(long_lines) == 1 else f"{len(long_lines):,} lines are"
    kept = limits.max_line_bytes
    return [f"{which} over a megabyte long and counted whole, but only the first {kept:,} bytes were analysed"]


def _templates(texts: list[str], of_shape: list[int], shapes: tuple[Shape, ...]) -> tuple[Template, ...]:
    members: list[list[Shape]] = [[] for _ in texts]
    for index, shape in zip(of_shape, shapes, strict=True):
        members[index].append(shape)
    return tuple(
        Template(
            text=text,
            level=max((shape.level for shape in group if shape.level is not None), default=None),
            count=sum(shape.count for shape in group),
            first_line=min(shape.first_line for shape in group),
            last_line=max(shape.last_line for shape in group),
        )
        for text, group in zip(texts, members, strict=True)
    )


def _key_lines(shaper: Shaper) -> tuple[tuple[int, int], ...]:
    """Ranges of lines between the marks of private keys; an unclosed key ends after two hundred lines."""
    begins, ends = shaper.book.key_begins, shaper.book.key_ends
    ranges, begin = [], -1
    for line in lines_of(shaper.shape_of_line, begins | ends) if begins else ():
        if 0 <= begin <= line - _MAX_KEY_LINES:
            ranges.append((begin, begin + _MAX_KEY_LINES))
            begin = -1
        shape = shaper.shape_of_line[line]
        if begin < 0 and shape in begins:
            begin = line
        elif begin >= 0 and shape in ends:
            ranges.append((begin, line + 1))
            begin = -1
    if begin >= 0:
        ranges.append((begin, min(begin + _MAX_KEY_LINES, len(shaper.shape_of_line))))
    return tuple(ranges)


_MAX_KEY_LINES = 200
