"""The artifact store: what is written appears whole or not at all, in a folder and on an S3 server alike."""

import errno
import hashlib
import os
import subprocess
import time

import pytest

from services.artifacts.store import PART_BYTES, ArtifactStore
from services.errors import ArtifactMissing, FileTooLarge, PassingFault, StoreRefused, StoreUnavailable
from tests.support.s3 import running_s3

pytestmark = pytest.mark.asyncio
NOBODY = "http://127.0.0.1:9"


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "artifacts"


@pytest.fixture(scope="module")
def s3():
    with running_s3() as server:
        yield server


@pytest.fixture
def s3_environment(s3, monkeypatch):
    for name, value in s3.environment.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


@pytest.fixture
def bucket(s3):
    return s3.make_bucket()


@pytest.fixture
def on_s3(s3_environment, bucket):
    return ArtifactStore(f"s3://{bucket}/of/triage")


@pytest.fixture(params=["folder", "S3"])
def store(request, folder):
    return request.getfixturevalue("on_s3") if request.param == "S3" else ArtifactStore(f"file://{folder}")


@pytest.fixture
def nothing_is_left(request, store, folder, s3):
    """Neither a file, nor an object, nor parts of an upload that nobody will complete."""

    def check():
        if folder.exists():
            assert [path for path in folder.rglob("*") if path.is_file()] == []
        else:
            bucket = request.getfixturevalue("bucket")
            assert (s3.keys(bucket), s3.unfinished_uploads(bucket)) == ([], [])

    return check


async def chunks(*parts, fail=None):
    for part in parts:
        yield part
    if fail:
        raise fail


async def test_what_was_streamed_comes_back_with_its_size_and_digest(store):
    parts = [b"line %d\n" % n * 100_000 for n in range(20)]
    stored = await store.put("uploads/1", chunks(*parts), name="a.log", max_bytes=100_000_000)
    body = b"".join(parts)
    assert len(body) > PART_BYTES
    assert (stored.bytes, stored.sha256) == (len(body), hashlib.sha256(body).hexdigest())
    assert await store.get_bytes("uploads/1") == body


async def test_a_reader_of_files_gets_a_path(store):
    await store.put("uploads/1", chunks(b"hello\n"), name="a.log", max_bytes=100)
    async with store.local_path("uploads/1") as path:
        assert path.read_bytes() == b"hello\n"


async def test_an_empty_file_is_kept(store):
    stored = await store.put("uploads/1", chunks(), name="a.log", max_bytes=100)
    assert (stored.bytes, await store.get_bytes("uploads/1")) == (0, b"")


async def test_what_is_written_again_takes_the_place_of_what_was_there(store):
    await store.put_bytes("reports/1.json", b"{}")
    await store.put_bytes("reports/1.json", b'{"findings": []}')
    assert await store.get_bytes("reports/1.json") == b'{"findings": []}'


@pytest.mark.parametrize("megabytes", [6, 40])
async def test_more_than_the_limit_is_refused_and_nothing_is_kept(store, nothing_is_left, megabytes):
    too_much = (b"x" * 1_000_000 for _ in range(megabytes))
    with pytest.raises(FileTooLarge, match=r"huge\.log is larger than the limit of 5 MB"):
        await store.put("uploads/1", chunks(*too_much), name="huge.log", max_bytes=5_000_000)
    with pytest.raises(ArtifactMissing):
        await store.get_bytes("uploads/1")
    nothing_is_left()


async def test_a_source_that_breaks_off_says_so_itself_and_leaves_nothing(store, nothing_is_left):
    parts = (b"x" * 1_000_000 for _ in range(20))
    with pytest.raises(ConnectionResetError, match="by Slack"):
        await store.put(
            "uploads/1", chunks(*parts, fail=ConnectionResetError("by Slack")), name="a.log", max_bytes=100_000_000
        )
    nothing_is_left()


async def test_what_is_not_there_is_an_error_of_ours(store):
    with pytest.raises(ArtifactMissing, match="uploads/none"):
        await store.get_bytes("uploads/none")
    with pytest.raises(ArtifactMissing, match="uploads/none"):
        async with store.local_path("uploads/none"):
            pass


async def test_what_is_deleted_is_gone_and_may_be_deleted_again(store):
    await store.put_bytes("uploads/1", b"hello\n")
    for _ in range(2):
        await store.delete("uploads/1")
    with pytest.raises(ArtifactMissing):
        await store.get_bytes("uploads/1")


async def test_a_probe_leaves_nothing(store, nothing_is_left):
    await store.probe()
    nothing_is_left()


async def test_what_a_killed_process_left_of_an_earlier_attempt_goes(folder):
    store = ArtifactStore(f"file://{folder}")
    await store.put("uploads/1", chunks(b"older\n"), name="a.log", max_bytes=100)
    for left in ("1#1", "1#2", "11#1"):
        (folder / "uploads" / left).write_bytes(b"half of a li")
    await store.put("uploads/1", chunks(b"hello\n"), name="a.log", max_bytes=100)
    assert sorted(path.name for path in (folder / "uploads").iterdir()) == ["1", "11#1"]
    assert await store.get_bytes("uploads/1") == b"hello\n"


async def everything(store):
    """Each call that talks to the store."""
    yield store.put("uploads/1", chunks(b"x" * 10_000_000), name="a.log", max_bytes=100_000_000)
    yield store.put_bytes("reports/1.json", b"{}")
    yield store.get_bytes("reports/1.json")
    yield store.local_path("reports/1.json").__aenter__()
    yield store.delete("reports/1.json")
    yield store.probe()


async def test_refused_credentials_are_named_as_that(on_s3, s3):
    with s3.refusing_credentials():
        async for call in everything(on_s3):
            with pytest.raises(StoreRefused, match="InvalidAccessKeyId: The AWS Access Key Id you provided") as refused:
                await call
            assert s3.endpoint not in str(refused.value)


async def test_a_bucket_that_is_not_there_is_named_as_that(s3_environment):
    async for call in everything(ArtifactStore("s3://no-such-bucket/prefix")):
        with pytest.raises(StoreRefused, match=r"no such bucket|NoSuchBucket"):
            await call


async def test_a_server_that_is_away_is_a_fault_that_passes(s3_environment):
    s3_environment.setenv("AWS_ENDPOINT_URL", NOBODY)
    started = time.monotonic()
    async for call in everything(ArtifactStore("s3://bucket/prefix")):
        with pytest.raises(StoreUnavailable, match="error sending request"):
            await call
    assert time.monotonic() - started < 30


async def test_an_address_that_no_store_has_is_refused_at_once():
    for address in ("ftp://example.com/logs", "somewhere", "s3://"):
        with pytest.raises(StoreRefused):
            ArtifactStore(address)


async def test_a_folder_that_cannot_be_made_is_refused_at_once(tmp_path):
    (tmp_path / "file").write_text("in its place")
    with pytest.raises(StoreRefused, match="Not a directory"):
        ArtifactStore(f"file://{tmp_path / 'file' / 'artifacts'}")


@pytest.fixture
def small_disk(tmp_path):
    """Four megabytes, mounted: to be had by root on Linux alone."""
    place = tmp_path / "disk"
    place.mkdir()
    mounting = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(place)]
    if os.geteuid() != 0 or subprocess.run(mounting, check=False, capture_output=True).returncode != 0:
        pytest.skip("only root may mount a small disk to fill")
    yield place
    subprocess.run(["umount", str(place)], check=True)


async def test_a_full_disk_is_a_fault_that_passes_and_nothing_is_kept(small_disk):
    store = ArtifactStore(f"file://{small_disk}")
    assert store.free_bytes() <= 4_194_304
    with pytest.raises(PassingFault, match="its disk is full") as full:
        await store.put("uploads/1", chunks(*[b"x" * 1_000_000] * 9), name="a.log", max_bytes=100_000_000)
    assert full.value.errno == errno.ENOSPC
    assert [path for path in small_disk.rglob("*") if path.is_file()] == []
    await store.probe()
