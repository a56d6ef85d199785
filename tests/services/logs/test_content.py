import gzip
import io
import os
import tarfile
from pathlib import Path

import pytest

from services.logs.content import Container, container_of, refusal_of, utf16_of


@pytest.mark.parametrize(
    ("head", "word"),
    [
        (b"\x89PNG\r\n\x1a\n" + b"\x00" * 40, "picture"),
        (b"\xff\xd8\xff\xe0" + b"\x00" * 40, "picture"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "picture"),
        (b"\x7fELF\x02\x01\x01" + b"\x00" * 40, "program"),
        (b"%PDF-1.7\n", "PDF"),
        (b"<!DOCTYPE html>\n<html><head>", "HTML"),
        (b"\n  <html lang='en'>", "HTML"),
        (b"7z\xbc\xaf\x27\x1c" + b"\x00" * 30, "archive"),
        (b"SQLite format 3\x00" + b"\x00" * 30, "SQLite"),
        (bytes(range(256)) * 8, "binary"),
    ],
)
def test_what_is_no_log_is_named(head, word):
    assert word in refusal_of(head)


@pytest.mark.parametrize(
    "head",
    [
        b"2026-11-22 07:00:00 INFO started\n",
        b"\x1b[31mred\x1b[0m progress\r 10 %\r 20 %\n" * 20,
        b"\x00" * 3000 + b"a line after a crash left a hole\n" * 20,
        "größer, слово, 日本語\n".encode() * 20,
        "größer\n".encode("latin-1") * 20,
        b"<html> is mentioned further on in a log line" and b"INFO <html> in the middle",
        "text\n".encode("utf-16"),
        b"x",
    ],
)
def test_text_is_read(head):
    assert refusal_of(head) is None


def test_containers_are_told_by_content(tmp_path):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        archive.add(Path(os.devnull), "nothing")
    assert container_of(buffer.getvalue()) is Container.TAR
    assert container_of(gzip.compress(b"x")) is Container.GZIP
    assert container_of(b"PK\x03\x04rest") is Container.ZIP
    assert container_of(b"plain text" * 100) is None


@pytest.mark.parametrize(("codec", "name"), [("utf-16-le", "utf-16-le"), ("utf-16-be", "utf-16-be")])
def test_utf16_is_seen_without_a_byte_order_mark(codec, name):
    assert utf16_of("2026-11-22 ERROR größer\n".encode(codec)) == name
    assert utf16_of(b"2026-11-22 ERROR\n") is None
