import bz2
import gzip
import lzma
import zlib

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from services.logs.compression import ByteStream, UnpackBudget, decompress
from services.logs.content import Container
from services.logs.limits import ReadLimits
from services.logs.refusals import StoppedShortError

TEXT = b"".join(b"line %d of an ordinary log\n" % number for number in range(50_000))
PACKERS = {
    Container.GZIP: gzip.compress,
    Container.ZSTD: zstandard.ZstdCompressor().compress,
    Container.BZIP2: bz2.compress,
    Container.XZ: lzma.compress,
}


def stream(packed, size=1000):
    return ByteStream(iter([packed[start : start + size] for start in range(0, len(packed), size)]))


def unpack(container, packed, limits=None):
    budget = UnpackBudget(len(packed), limits or ReadLimits())
    return decompress(container, stream(packed), budget)


@pytest.mark.parametrize("container", PACKERS)
def test_what_was_packed_comes_out(container):
    assert b"".join(unpack(container, PACKERS[container](TEXT))) == TEXT


@pytest.mark.parametrize("container", PACKERS)
def test_several_streams_one_after_the_other_are_one_file(container):
    packed = PACKERS[container](TEXT[:5000]) + PACKERS[container](TEXT[5000:9000])
    assert b"".join(unpack(container, packed)) == TEXT[:9000]


@pytest.mark.parametrize("container", PACKERS)
def test_a_cut_stream_gives_what_it_holds_and_then_says_so(container):
    packed = PACKERS[container](TEXT)
    received = []
    with pytest.raises(StoppedShortError, match=r"too early|damaged"):
        received.extend(unpack(container, packed[: len(packed) - 40]))
    assert TEXT.startswith(b"".join(received))


def test_damage_inside_is_named():
    packed = bytearray(gzip.compress(TEXT))
    packed[len(packed) // 2 : len(packed) // 2 + 50] = b"\xff" * 50
    with pytest.raises(StoppedShortError, match="damaged"):
        list(unpack(Container.GZIP, bytes(packed)))


def zstd_of_a_wide_window(text):
    wide = zstandard.ZstdCompressionParameters.from_level(1, window_log=28, write_content_size=False)
    packer = zstandard.ZstdCompressor(compression_params=wide).compressobj()
    return packer.compress(text) + packer.flush()


def xz_of_a_wide_window(text):
    return lzma.compress(text, filters=[{"id": lzma.FILTER_LZMA2, "dict_size": 1 << 29}])


@pytest.mark.parametrize(
    ("container", "pack"), [(Container.ZSTD, zstd_of_a_wide_window), (Container.XZ, xz_of_a_wide_window)]
)
def test_what_asks_for_too_much_memory_is_told_from_damage(container, pack):
    with pytest.raises(StoppedShortError, match=r"more memory to unpack.*; pack it again at the usual level"):
        list(unpack(container, pack(TEXT[:1000])))


@given(st.integers(0, 3000), st.integers(0, 255), st.integers(1, 700))
def test_one_wrong_byte_in_gzip_never_passes_for_the_text(at, change, feed_bytes):
    """What zlib reads is read alike; what it refuses is refused too, or read as it was packed."""
    text = TEXT[:10_000]
    packed = bytearray(gzip.compress(text[:6000]) + gzip.compress(text[6000:]))
    packed[at % len(packed)] ^= change
    try:
        theirs = gzip.decompress(packed)
    except (zlib.error, OSError, EOFError):
        theirs = None
    budget = UnpackBudget(len(packed), ReadLimits())
    try:
        ours = b"".join(decompress(Container.GZIP, stream(bytes(packed), feed_bytes), budget))
    except StoppedShortError:
        assert theirs is None
    else:
        assert ours in (theirs, text)


def test_zero_padding_behind_gzip_is_fine_and_other_bytes_are_named():
    packed = gzip.compress(TEXT)
    assert b"".join(unpack(Container.GZIP, packed + b"\x00" * 512)) == TEXT
    with pytest.raises(StoppedShortError, match="not gzip"):
        list(unpack(Container.GZIP, packed + b"trailer"))


def test_a_bomb_stops_at_the_ratio():
    packed = gzip.compress(b"0" * 3_000_000)
    limits = ReadLimits(max_ratio=100, ratio_floor_bytes=1_000_000)
    with pytest.raises(StoppedShortError, match="zip bomb"):
        list(unpack(Container.GZIP, packed, limits))


def test_the_cap_on_unpacked_bytes_holds():
    with pytest.raises(StoppedShortError, match="1,000,000 unpacked bytes"):
        list(unpack(Container.GZIP, gzip.compress(TEXT), ReadLimits(max_decompressed_bytes=1_000_000)))


def test_a_stream_can_be_looked_into_and_read_by_length():
    source = stream(b"abcdefghij", size=3)
    assert source.peek(5) == b"abcde"
    assert source.read(4) == b"abcd"
    assert source.read(3) == b"efg"
    assert b"".join(source) == b"hij"
    assert source.read(3) == b""


def test_what_came_before_a_break_is_not_lost():
    def broken():
        yield b"abc"
        raise StoppedShortError("cut")

    source = ByteStream(broken())
    assert source.peek(10) == b"abc"
    assert source.read(10) == b"abc"
    with pytest.raises(StoppedShortError):
        source.read(1)
