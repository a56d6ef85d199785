"""What a file holds, told by its first bytes and never by its name."""

import re
from enum import StrEnum

PEEK_BYTES = 4096


class Container(StrEnum):
    """A kind of content that is opened to get at what is inside."""

    GZIP = "gzip"
    ZSTD = "zstd"
    BZIP2 = "bzip2"
    XZ = "xz"
    ZIP = "zip"
    TAR = "tar"


_CONTAINER_MAGIC = (
    (b"\x1f\x8b\x08", Container.GZIP),
    (b"\x28\xb5\x2f\xfd", Container.ZSTD),
    (b"BZh", Container.BZIP2),
    (b"\xfd7zXZ\x00", Container.XZ),
    (b"PK\x03\x04", Container.ZIP),
    (b"PK\x05\x06", Container.ZIP),
)

_PICTURE = "is a picture, not a log; paste the text or attach the log file itself"
_PROGRAM = "is a program, not a log; attach what it wrote"
_ARCHIVE = "is an archive of a kind that is not opened here; send it as .zip, .tar.gz, .gz or .zst"
_OTHER_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", _PICTURE),
    (b"\xff\xd8\xff", _PICTURE),
    (b"GIF8", _PICTURE),
    (b"II*\x00", _PICTURE),
    (b"MM\x00*", _PICTURE),
    (b"\x7fELF", _PROGRAM),
    (b"MZ\x90\x00", _PROGRAM),
    (b"\xca\xfe\xba\xbe", _PROGRAM),
    (b"\xcf\xfa\xed\xfe", _PROGRAM),
    (b"\xfe\xed\xfa", _PROGRAM),
    (b"\x00asm", _PROGRAM),
    (b"%PDF-", "is a PDF, not a log; export the log as text"),
    (b"7z\xbc\xaf\x27\x1c", _ARCHIVE),
    (b"Rar!\x1a\x07", _ARCHIVE),
    (b"\x04\x22\x4d\x18", _ARCHIVE),
    (b"SQLite format 3\x00", "is an SQLite database, not a log; export the rows as text"),
    (b"LPKSHHRH", "is a binary systemd journal; export it with `journalctl --file NAME -o short-iso`"),
    (b"ElfFile\x00", "is a binary Windows event log; export it as text or XML first"),
    (b"JAVA PROFILE", "is a Java heap dump, not a log"),
    (b"\xd4\xc3\xb2\xa1", "is a network capture, not a log"),
    (b"\x0a\x0d\x0d\x0a", "is a network capture, not a log"),
)
_HTML = re.compile(
    rb"\s*(?:\xef\xbb\xbf\s*)?(?:<!--.{0,400}?-->\s*)?<(?:!doctype\s+html|html[\s>])", re.IGNORECASE | re.DOTALL
)
_TEXT_CONTROLS = frozenset(b"\t\n\r\f\b\x0b\x1b\x00\x07")
# Real logs carry stray control bytes; the densest seen (progress bars, colours) stay far below this.
_MAX_CONTROL_SHARE = 0.1


def container_of(head: bytes) -> Container | None:
    """The container whose first bytes these are, or None."""
    for magic, container in _CONTAINER_MAGIC:
        if head.startswith(magic):
            return container
    return Container.TAR if _is_tar_header(head) else None


def refusal_of(head: bytes) -> str | None:
    """Why content that begins like this is not read as a log, or None where it looks like text."""
    for magic, why in _OTHER_MAGIC:
        if head.startswith(magic):
            return why
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return _PICTURE
    if _HTML.match(head):
        return (
            "is an HTML page, not a log; if it came from a download, that was probably a login page: "
            "fetch the file again while signed in"
        )
    if utf16_of(head) is None and _is_binary(head):
        return "is binary data, not text; attach the log as text, or compressed as .gz, .zst or .zip"
    return None


def utf16_of(head: bytes) -> str | None:
    """The name "utf-16-le" or "utf-16-be" where a byte order mark or the pattern of zero bytes says so, else None."""
    if head.startswith(b"\xff\xfe"):
        return "utf-16-le"
    if head.startswith(b"\xfe\xff"):
        return "utf-16-be"
    even, odd = head[0::2], head[1::2]
    if len(odd) < 8:
        return None
    zeros_even, zeros_odd = even.count(0) / len(even), odd.count(0) / len(odd)
    # Western text in UTF-16 has a zero in nearly every second byte and in hardly any other.
    if zeros_odd > 0.6 and zeros_even < 0.1:
        return "utf-16-le"
    if zeros_even > 0.6 and zeros_odd < 0.1:
        return "utf-16-be"
    return None


def _is_binary(head: bytes) -> bool:
    """NULs do not count (a crashed writer leaves runs of them), other control bytes do."""
    shown = head.replace(b"\x00", b"")
    if not shown:
        return False
    controls = sum(byte < 32 and byte not in _TEXT_CONTROLS for byte in shown)
    strays = 0 if _decodes(shown) else sum(0x80 <= byte < 0xA0 for byte in shown)
    scattered = head.count(0) > len(head) // 4 and head.strip(b"\x00").count(0) > len(head) // 8
    return scattered or (controls + strays) / len(shown) > _MAX_CONTROL_SHARE


def _decodes(text: bytes) -> bool:
    """Whether it is UTF-8, but for a character cut in two at the end."""
    try:
        text.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start >= len(text) - 3
    return True


def _is_tar_header(head: bytes) -> bool:
    """A tar header carries the sum of its own bytes, its eight checksum bytes taken as spaces."""
    if len(head) < 512 or not head[0]:
        return False
    try:
        stated = int(head[148:156].strip(b" \x00") or b"-1", 8)
    except ValueError:
        return False
    return stated == sum(head[:148]) + 8 * 32 + sum(head[156:512])
