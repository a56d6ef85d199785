"""The artifact store: what is written appears whole or not at all."""

import hashlib

import pytest

from services.artifacts.store import ArtifactStore
from services.errors import FileTooLarge

pytestmark = pytest.mark.asyncio


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "artifacts"


@pytest.fixture(params=["folder", "object store"])
def store(request, folder):
    """A folder, and obstore's in-memory store in the place of a remote one."""
    return ArtifactStore(f"file://{folder}" if request.param == "folder" else "memory:///")


async def chunks(*parts, fail=None):
    for part in parts:
        yield part
    if fail:
        raise fail


async def test_what_was_streamed_comes_back_with_its_size_and_digest(store):
    parts = [b"line %d\n" % n * 100_000 for n in range(20)]
    stored = await store.put("uploads/1", chunks(*parts), name="a.log", max_bytes=100_000_000)
    body = b"".join(parts)
    assert (stored.bytes, stored.sha256) == (len(body), hashlib.sha256(body).hexdigest())
    assert await store.get_bytes("uploads/1") == body


async def test_a_reader_of_files_gets_a_path(store):
    await store.put("uploads/1", chunks(b"hello\n"), name="a.log", max_bytes=100)
    async with store.local_path("uploads/1") as path:
        assert path.read_bytes() == b"hello\n"


async def test_an_empty_file_is_kept(store):
    stored = await store.put("uploads/1", chunks(), name="a.log", max_bytes=100)
    assert (stored.bytes, await store.get_bytes("uploads/1")) == (0, b"")


async def test_more_than_the_limit_is_refused_and_nothing_is_kept(store, folder):
    endless = (b"x" * 1_000_000 for _ in range(40))
    with pytest.raises(FileTooLarge, match=r"huge\.log is larger than the limit of 5 MB"):
        await store.put("uploads/1", chunks(*endless), name="huge.log", max_bytes=5_000_000)
    with pytest.raises(FileNotFoundError):
        await store.get_bytes("uploads/1")
    assert [path for path in folder.rglob("*") if path.is_file()] == []


async def test_a_source_that_breaks_off_leaves_nothing(store, folder):
    with pytest.raises(Exception, match="connection reset"):
        await store.put(
            "uploads/1", chunks(b"x" * 9_000_000, fail=OSError("connection reset")), name="a.log", max_bytes=100_000_000
        )
    with pytest.raises(FileNotFoundError):
        await store.get_bytes("uploads/1")
    assert [path for path in folder.rglob("*") if path.is_file()] == []


async def test_what_a_killed_process_left_of_an_earlier_attempt_goes(folder):
    store = ArtifactStore(f"file://{folder}")
    await store.put("uploads/1", chunks(b"older\n"), name="a.log", max_bytes=100)
    for left in ("1#1", "1#2", "11#1"):
        (folder / "uploads" / left).write_bytes(b"half of a li")
    await store.put("uploads/1", chunks(b"hello\n"), name="a.log", max_bytes=100)
    assert sorted(path.name for path in (folder / "uploads").iterdir()) == ["1", "11#1"]
    assert await store.get_bytes("uploads/1") == b"hello\n"
