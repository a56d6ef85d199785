import base64
import gzip
import io
import os
import tarfile
import time
import zipfile
from datetime import date

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from services.logs.limits import ReadLimits
from services.logs.reading import read_lines, scan_upload

LINES = [
    f"2026-11-22 07:{number // 60 % 60:02d}:{number % 60:02d} INFO request {number} served" for number in range(3000)
]
LOG = ("\n".join(LINES) + "\n").encode()


@pytest.fixture
def upload(tmp_path):
    def write(content, name="upload"):
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return write


def zipped(files):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return buffer.getvalue()


def tarred(files):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, content in files:
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def scan_one(path, **options):
    (scan,) = scan_upload(path, path.name, **options)
    return scan


@pytest.mark.parametrize(
    ("pack", "compression"),
    [
        (bytes, None),
        (gzip.compress, "gzip"),
        (lambda log: gzip.compress(log[:900]) + gzip.compress(log[900:]), "gzip"),
        (zstandard.ZstdCompressor().compress, "zstd"),
    ],
)
def test_a_packed_log_is_read_whole(upload, pack, compression):
    scan = scan_one(upload(pack(LOG)))
    assert (scan.line_count, scan.compression, scan.encoding, scan.unread) == (3000, compression, "utf-8", ())
    assert [moment.isoformat() for moment in scan.time_range()] == [
        "2026-11-22T07:00:00+00:00",
        "2026-11-22T07:49:59+00:00",
    ]


def test_every_member_of_an_archive_is_a_file_of_its_own(upload):
    inner = gzip.compress(tarred([("a.log", LOG), ("deep/b.log.gz", gzip.compress(LOG))]))
    path = upload(zipped([("pods/x.log", LOG), ("all.tar.gz", inner)]), "pods.zip")
    assert [(scan.name, scan.line_count, scan.compression) for scan in scan_upload(path, "pods.zip")] == [
        ("pods.zip/pods/x.log", 3000, "zip"),
        ("pods.zip/all.tar.gz/a.log", 3000, "zip+gzip+tar"),
        ("pods.zip/all.tar.gz/deep/b.log.gz", 3000, "zip+gzip+tar+gzip"),
    ]


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"\x89PNG\r\n\x1a\n" + os.urandom(500), "picture"),
        (b"\x7fELF" + os.urandom(500), "program"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"<!doctype html><title>Sign in</title>", "login page"),
        (gzip.compress(b"\x89PNG\r\n\x1a\n" + os.urandom(500)), "picture"),
        (zipped([])[:-2] + b"\x00\x00", "no files"),
        (zipped([("a", LOG)])[:-30], "damaged or cut-off zip"),
        (bytes(range(256)) * 100, "binary"),
    ],
)
def test_what_is_no_log_has_one_sentence(upload, content, word):
    (scan,) = scan_upload(upload(content), "upload")
    assert scan.line_count == 0
    assert word in scan.unread[0]
    assert len(scan.unread) == 1


@pytest.mark.parametrize("pack", [bytes, gzip.compress, lambda log: zipped([("a.log", log[:500_000]), ("b.log", log)])])
def test_progress_counts_the_bytes_of_the_upload(upload, pack):
    seen = []
    path = upload(pack(os.urandom(1_500_000).hex("\n", 40).encode()))
    scan_upload(path, path.name, on_bytes=lambda size, lines: seen.append(size))
    assert seen == sorted(seen)
    assert len(set(seen)) > 2
    assert path.stat().st_size * 0.9 < seen[-1] <= path.stat().st_size


def test_a_truncated_gzip_is_read_as_far_as_it_goes(upload):
    scan = scan_one(upload(gzip.compress(LOG)[:-3000]))
    assert 0 < scan.line_count < 3000
    assert "too early" in scan.unread[0]
    last_whole = scan.line_count - 2
    assert read_lines(scan, [last_whole])[last_whole] == LINES[last_whole]


def test_a_name_may_be_empty_in_a_zip(upload):
    scans = scan_upload(upload(zipped([(zipfile.ZipInfo(""), LOG), ("b.log", LOG)])), "pods.zip")
    assert [(scan.name, scan.line_count) for scan in scans] == [("pods.zip/", 3000), ("pods.zip/b.log", 3000)]


def test_a_password_is_said(upload):
    archive = bytearray(zipped([("a.log", LOG)]))
    archive[archive.index(b"PK\x01\x02") + 8] |= 1
    archive[archive.index(b"PK\x03\x04") + 6] |= 1
    (scan,) = scan_upload(upload(bytes(archive)), "locked.zip")
    assert (scan.name, scan.line_count) == ("locked.zip/a.log", 0)
    assert "password" in scan.unread[0]


def test_an_archive_of_a_thousand_files_is_read_to_the_cap(upload):
    path = upload(zipped([(f"{number}.log", b"INFO hello\n") for number in range(1000)]))
    whole, *members = scan_upload(path, "many.zip", limits=ReadLimits(max_members=25))
    assert len(members) == 25
    assert whole.unread == ("25 of its 1,000 files were read (the cap); send the ones that matter by themselves",)
    assert whole.size_bytes == path.stat().st_size


def test_a_bomb_is_stopped_and_named(upload):
    limits = ReadLimits(max_ratio=50, ratio_floor_bytes=1_000_000)
    scan = scan_one(upload(gzip.compress(b"a line of the bomb\n" * 400_000)), limits=limits)
    assert "zip bomb" in scan.unread[0]
    assert scan.line_count < 400_000


def test_layers_beyond_the_cap_are_not_opened(upload):
    content = LOG
    for _ in range(6):
        content = gzip.compress(content)
    scan = scan_one(upload(content))
    assert scan.line_count == 0
    assert "layers deep" in scan.unread[0]


def test_a_name_is_only_a_name(upload, tmp_path):
    path = upload(zipped([("../../escape.log", LOG), ("/abs.log", LOG), ("<!channel>.log", LOG)]), "names.zip")
    names = [scan.name for scan in scan_upload(path, "names.zip")]
    assert names == ["names.zip/../../escape.log", "names.zip//abs.log", "names.zip/<!channel>.log"]
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["names.zip"]


def test_a_folder_and_a_missing_file_are_said(tmp_path):
    assert "folder" in scan_one(tmp_path).unread[0]
    assert "does not exist" in scan_one(tmp_path / "gone.log").unread[0]


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        ("\n".join(LINES[:9]).encode("utf-16"), "utf-16-le"),
        ("\n".join(LINES[:9]).encode("utf-16-be"), "utf-16-be"),
        ("\n".join(LINES[:9]).encode("utf-8-sig"), "utf-8-sig"),
        ("\n".join([*LINES[:8], "größer"]).encode("latin-1"), "latin-1"),
        ("\r\n".join(LINES[:9]).encode(), "utf-8"),
        (b"\x00" * 5000 + "\n".join(LINES[:9]).encode() + b"\x00" * 90, "utf-8"),
    ],
)
def test_encodings_are_read_and_named(upload, content, encoding):
    scan = scan_one(upload(content))
    assert (scan.encoding, scan.line_count) == (encoding, 9)
    assert read_lines(scan, [4]) == {4: LINES[4]}


def test_a_line_of_many_megabytes_is_one_line(upload):
    scan = scan_one(upload(b"first\nERROR " + b"x" * 5_000_000 + b"\nlast\n"))
    assert scan.line_count == 3
    assert "line 2 is over a megabyte long" in scan.unread[0]


def test_carriage_returns_end_lines_only_without_any_line_feed(upload):
    progress = b"10 %\r" * 300_000
    assert scan_one(upload(progress)).line_count == 300_000
    assert scan_one(upload(progress + b"\nlog\n")).line_count == 2


def test_a_private_key_is_fenced_off(upload):
    body = [base64.b64encode(os.urandom(48)).decode() for _ in range(5)]
    lines = ["start", "-----BEGIN RSA PRIVATE KEY-----", *body, "-----END RSA PRIVATE KEY-----", "stop"]
    assert scan_one(upload("\n".join(lines).encode())).key_lines == ((1, 8),)


def test_a_key_that_is_not_closed_ends_after_two_hundred_lines(upload):
    begin, end = "-----BEGIN RSA PRIVATE KEY-----", "-----END RSA PRIVATE KEY-----"
    lines = [begin, *["word"] * 300, begin, "word", end, end, begin, *["word"] * 8]
    assert scan_one(upload("\n".join(lines).encode())).key_lines == ((0, 200), (301, 304), (305, 314))


def test_too_many_kinds_of_line_are_folded_and_failures_keep_their_own(upload):
    words = [base64.b32encode(os.urandom(5)).decode().translate({ord(c): "X" for c in "234567"}) for _ in range(3000)]
    content = "\n".join([*words, "ERROR disk failure on sda", *words]).encode()
    scan = scan_one(upload(content), limits=ReadLimits(max_shapes=100))
    assert len(scan.shapes) < 210
    assert scan.line_count == 6001
    assert scan.shape(3000).skeleton == "disk failure on sda"


def test_the_year_of_a_stamp_without_one_is_inferred(upload):
    scan = scan_one(upload(b"Dec 31 23:59:59 host app: x\n"), today=date(2026, 1, 1))
    assert scan.time_range()[0].year == 2025


@settings(max_examples=60, deadline=None)
@given(content=st.binary(max_size=400) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_counted_and_each_line_has_one_template(content, tmp_path_factory):
    path = tmp_path_factory.mktemp("any") / "any.log"
    path.write_bytes(b"text " + content)
    for scan in scan_upload(path, "any.log"):
        assert scan.line_count == sum(shape.count for shape in scan.shapes)
        assert scan.line_count == sum(template.count for template in scan.templates)
        for shape_number, shape in enumerate(scan.shapes):
            places = [line for line, number in enumerate(scan.shape_of_line) if number == shape_number]
            assert (shape.first_line, shape.last_line, shape.count) == (places[0], places[-1], len(places))


@pytest.mark.parametrize(
    "atom",
    [
        "a",
        "/a",
        "a=",
        "a.",
        "[",
        "{",
        '"',
        "\\",
        "<*>",
        "0",
        "1.",
        "1:",
        "a@",
        "://",
        "\x1b[",
        "\x1b]",
        "password=",
        "eyJ",
        "é",
    ],
)
def test_a_hostile_line_costs_no_more_than_its_length(upload, atom):
    """Patterns that backtrack would take minutes here."""
    path = upload("\n".join([atom * (60_000 // len(atom))] * 3).encode())
    begun = time.process_time()
    scan = scan_one(path)
    read_lines(scan, range(scan.line_count))
    assert time.process_time() - begun < 2
