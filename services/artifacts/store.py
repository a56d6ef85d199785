"""Where uploads and reports are kept: a folder by default, an object store by its address."""

import glob
import hashlib
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import obstore
from obstore.store import LocalStore, ObjectStore, from_url

from services.errors import FileTooLarge

CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class StoredArtifact:
    key: str
    bytes: int
    sha256: str


class ArtifactStore:
    """Files by key. What is written appears whole or not at all.

    Args:
        url: `file:///folder`, or any address obstore knows (`s3://bucket/prefix`, `gs://…`, `az://…`).
    """

    def __init__(self, url: str) -> None:
        self._folder = Path(url.removeprefix("file://")) if url.startswith("file://") else None
        if self._folder is not None:
            self._folder.mkdir(parents=True, exist_ok=True)
        self._store: ObjectStore = LocalStore(self._folder) if self._folder is not None else from_url(url)

    async def put(self, key: str, chunks: AsyncIterator[bytes], *, name: str, max_bytes: int) -> StoredArtifact:
        """Stream `chunks` under `key`.

        Raises:
            FileTooLarge: `name` has more than `max_bytes`; nothing is kept.
        """
        self._forget_cut_off(key)
        digest, size = hashlib.sha256(), 0

        async def counted() -> AsyncIterator[bytes]:
            nonlocal size
            async for chunk in chunks:
                size += len(chunk)
                if size > max_bytes:
                    raise FileTooLarge(name, max_bytes)
                digest.update(chunk)
                yield chunk

        try:
            await obstore.put_async(self._store, key, counted(), chunk_size=8 * CHUNK_BYTES, max_concurrency=2)
        except Exception:
            if size > max_bytes:  # obstore wraps what its source raises
                raise FileTooLarge(name, max_bytes) from None
            raise
        return StoredArtifact(key=key, bytes=size, sha256=digest.hexdigest())

    def _forget_cut_off(self, key: str) -> None:
        """In a folder a process that was killed leaves what it had written so far beside the key, as `key#1`."""
        if self._folder is not None:
            target = self._folder / key
            for left in target.parent.glob(f"{glob.escape(target.name)}#*"):
                left.unlink(missing_ok=True)

    async def put_bytes(self, key: str, body: bytes) -> None:
        await obstore.put_async(self._store, key, body)

    async def get_bytes(self, key: str) -> bytes:
        result = await obstore.get_async(self._store, key)
        return bytes(await result.bytes_async())

    @asynccontextmanager
    async def local_path(self, key: str) -> AsyncIterator[Path]:
        """A path the log engine can read: the file itself, or a copy for the time of the context."""
        if self._folder is not None:
            yield self._folder / key
            return
        with tempfile.NamedTemporaryFile() as copy:
            result = await obstore.get_async(self._store, key)
            async for chunk in result.stream(min_chunk_size=CHUNK_BYTES):
                copy.write(chunk)
            copy.flush()
            yield Path(copy.name)
