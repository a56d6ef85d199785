"""Uploads drawn from a seed: the same seed is the same bytes, as long as the code it was drawn for stays."""

import base64
import bz2
import gzip
import io
import json
import lzma
import tarfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

import zstandard

from tests.fuzz.hostile_lines import baited_lines, lines

_LONG_LINE_BYTES = 64 << 20


@dataclass(frozen=True, slots=True)
class Case:
    """One upload. `unpacked_bytes` is what it may come to, as far as its maker knows."""

    kind: str
    content: bytes
    unpacked_bytes: int


def case(seed: int) -> Case:
    """The upload of this seed."""
    draw = Random(seed)
    kind = draw.choices([*_MAKERS], [weight for weight, _ in _MAKERS.values()])[0]
    content, unpacked_bytes = _MAKERS[kind][1](draw)
    return Case(kind, content, max(unpacked_bytes, len(content)))


def _text(draw: Random) -> bytes:
    some = lines(draw, draw.choice((1, 5, 60, 600)))
    end = draw.choice(("\n", "\n", "\n", "\r\n", "\r", "\n\n", "\x00\n"))
    return end.join(some).encode("utf-8", "replace") + draw.choice((b"", b"\n"))


def _mutated(draw: Random) -> tuple[bytes, int]:
    return _flipped(draw, _text(draw)) if draw.random() < 0.3 else _text(draw), 0


def _flipped(draw: Random, content: bytes) -> bytes:
    """Some bytes changed, cut out or doubled."""
    changed = bytearray(content or b"x")
    for _ in range(draw.choice((1, 4, 60))):
        at = draw.randrange(len(changed))
        changed[at : at + draw.choice((0, 1, 1, 1, 500))] = draw.randbytes(draw.choice((1, 1, 1, 0, 9)))
        changed = changed or bytearray(b"x")
    return bytes(changed[: draw.randint(1, len(changed))] if draw.random() < 0.3 else changed)


def _baited(draw: Random) -> tuple[bytes, int]:
    return "\n".join(baited_lines(draw)).encode("utf-8", "replace"), 0


def _encoded(draw: Random) -> tuple[bytes, int]:
    """Other encodings, cut between the halves of a character, or changing on the way."""
    text = "\n".join(lines(draw, draw.choice((3, 40))))
    encoding = draw.choice(
        ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "latin-1", "cp1252", "utf-8-sig", "shift-jis", "utf-7")
    )
    content = text.encode(encoding, "replace")
    at = draw.randint(0, len(content))
    return draw.choice((
        content,
        content[: at | 1],
        content[1:],
        content[:at] + b"\x00" + content[at:],
        content[:at] + text.encode("utf-8", "replace"),
        b"\xff\xfe" + text.encode("utf-16-be", "replace"),
        b"\xef\xbb\xbf" * 3 + content,
        content[:at] + b"\x00\xd8" + content[at:],
    )), 0  # fmt: skip


def _gzip(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)


_PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": _gzip,
    "zstd": lambda content: zstandard.ZstdCompressor().compress(content),
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zip": lambda content: _zip({"a.log": content, "pods/b.log": content[:500]}, zipfile.ZIP_DEFLATED),
    "zip of lzma": lambda content: _zip({"a.log": content}, zipfile.ZIP_LZMA),
    "zip stored": lambda content: _zip({"../../a.log": content, "": b"x"}, zipfile.ZIP_STORED),
    "tar": lambda content: _tar({"pods/a.log": content, "b" * 300: content[:700]}),
    "twice": lambda content: _gzip(content) + _gzip(content[:99]),
}


def _zip(files: dict[str, bytes], method: int) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content, method)
    return buffer.getvalue()


def _tar(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def _packed(draw: Random) -> tuple[bytes, int]:
    content, size = _text(draw), 0
    for _ in range(draw.choice((1, 1, 2, 3, 6))):
        content = _PACKERS[draw.choice([*_PACKERS])](content)
        size += len(content) * 3
        content = _flipped(draw, content) if draw.random() < 0.4 else content
    return content, size + (8 << 20)


def _bomb(draw: Random) -> tuple[bytes, int]:
    """A little that unpacks to a lot, again and again."""
    content = draw.choice((b"\x00", b"\n", b"a\n", b"ERROR x\n")) * (40 << 20 >> 1)
    size = len(content)
    for _ in range(draw.choice((1, 1, 2))):
        content = _PACKERS[draw.choice(("gzip", "zstd", "zip"))](content)
    if draw.random() < 0.5:
        content = _zip({f"{number}.log": content for number in range(draw.choice((2, 300)))}, zipfile.ZIP_STORED)
        size *= 4
    return content, size


def _constructed(draw: Random) -> tuple[bytes, int]:
    """What is wrong on purpose, some lines of it, behind ordinary ones."""
    depth = draw.choice((50, 1_000, 10_000, 60_000))
    construct = draw.choice((
        "[" * depth,
        '{"a":' * depth,
        '{"a":' * depth + "1" + "}" * depth,
        "[" * depth + "]" * depth,
        '{"msg":"' + "\\" * depth,
        '{"msg":"x","n":' + "9" * depth + "}",
        '{"time":' + "9" * min(depth, 5_000) + ',"level":"error","msg":"x"}',
        "a=" * depth,
        'a="' * depth,
        "a=1 " * depth,
        "(" * depth + ")" * depth,
        "Caused by: " * depth,
        "at a.b.C " * depth,
        "://" * depth,
        "a@" * depth,
        "1.2.3.4:" * depth,
        "a." * depth + "Exception",
        "/a" * depth + ":1:",
        "-" * depth,
        "\u202e" * depth,
        "\x1b[31m" * depth,
        json.dumps({"msg": "x" * depth, **{f"k{number}": number for number in range(min(depth, 5_000))}}),
    ))  # fmt: skip
    text = [*lines(draw, 4), *[construct] * draw.choice((1, 4, 12)), *lines(draw, 4)]
    return "\n".join(text).encode("utf-8", "replace"), 0


def _long_line(draw: Random) -> tuple[bytes, int]:
    """One line of 64 MB among others."""
    piece = draw.choice(
        (
            b"x",
            b"[",
            b'{"a":',
            b"ERROR ",
            b"\x00",
            b"a=1 ",
            "é".encode(),
            base64.b64encode(draw.randbytes(3_000)),
            b"\r",
        )
    )
    line = piece * (_LONG_LINE_BYTES // len(piece))
    return b"\n".join((_text(draw), line, _text(draw))), 0


_MAKERS: dict[str, tuple[float, Callable[[Random], tuple[bytes, int]]]] = {
    "mutated": (30, _mutated),
    "baited": (35, _baited),
    "encoded": (8, _encoded),
    "packed": (15, _packed),
    "constructed": (12, _constructed),
    "bomb": (0.3, _bomb),
    "long line": (0.2, _long_line),
}
