import io
import zipfile
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.logs.compression import DEFLATE_ERROR
from services.logs.zip_entries import entry_pieces

TEXT = b"".join(b"line %d of an ordinary log\n" % number for number in range(50_000))
METHODS = {
    "deflate": zipfile.ZIP_DEFLATED,
    "stored": zipfile.ZIP_STORED,
    "bzip2": zipfile.ZIP_BZIP2,
    "lzma": zipfile.ZIP_LZMA,
}

DAMAGE = (zipfile.BadZipFile, DEFLATE_ERROR, EOFError, ValueError, IndexError, RuntimeError)


def packed(*texts, method=zipfile.ZIP_DEFLATED):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for number, text in enumerate(texts):
            archive.writestr(f"{number}.log", text)
    return buffer.getvalue()


def contents(archive_bytes, number=0):
    file = io.BytesIO(archive_bytes)
    archive = zipfile.ZipFile(file)
    return b"".join(entry_pieces(archive, archive.infolist()[number], file))


@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
def test_every_method_gives_what_was_packed(method):
    archive = packed(b"first\n", TEXT, b"", method=method)
    assert [contents(archive, number) for number in range(3)] == [b"first\n", TEXT, b""]


def test_bytes_in_front_of_the_archive_shift_its_entries():
    assert contents(b"#!/bin/sh\nexit\n" + packed(TEXT)) == TEXT


def test_two_entries_can_be_read_by_turns():
    file = io.BytesIO(packed(TEXT, TEXT[::-1]))
    archive = zipfile.ZipFile(file)
    forward, backward = (entry_pieces(archive, entry, file) for entry in archive.infolist())
    turns = list(zip(forward, backward, strict=True))
    assert (b"".join(a for a, _ in turns), b"".join(b for _, b in turns)) == (TEXT, TEXT[::-1])


def test_a_wrong_checksum_is_damage():
    archive = bytearray(packed(TEXT))
    directory = archive.rindex(b"PK\x01\x02")
    archive[directory + 16] ^= 1
    with pytest.raises(zipfile.BadZipFile, match="checksum"):
        contents(bytes(archive))


@given(st.integers(0, 2000), st.integers(1, 255))
def test_one_wrong_byte_never_passes_for_the_text(at, change):
    """The text, which the standard library reads no more often; else a refusal, where that may stop early in silence."""
    text = TEXT[:20_000]
    archive = bytearray(packed(text))
    archive[at % len(archive)] ^= change
    try:
        judge = zipfile.ZipFile(io.BytesIO(archive))
        theirs = judge.read(judge.infolist()[0])
    except (*DAMAGE, zlib.error):
        theirs = None
    try:
        ours = contents(bytes(archive))
    except DAMAGE:
        assert theirs != text
    else:
        assert ours == text
