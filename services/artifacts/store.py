"""Where uploads and reports are kept: a folder by default, an object store by its address."""

import asyncio
import glob
import hashlib
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, ObjectStore, from_url

from services.artifacts.refusals import error_for, naming_the_fault
from services.errors import ArtifactMissing, FileTooLarge, StoreRefused, StoreUnavailable

CHUNK_BYTES = 1 << 20
PART_BYTES = 8 * CHUNK_BYTES  # of an upload to an object store, which takes none below 5 MiB but the last
# Within one call only a lost connection is worth another try; an outage is waited for by the job, in steps of its own.
RETRIES = 3
RETRY_SECONDS = 20.0
PROBE_SECONDS = 10.0  # a store that takes longer for a few bytes is of no use


@dataclass(frozen=True, slots=True)
class StoredArtifact:
    key: str
    bytes: int
    sha256: str


class ArtifactStore:
    """Files by key. What is written appears whole or not at all.

    Every call may raise StoreUnavailable (it passes: the server is away, the disk is full) or StoreRefused (somebody
    has to change something: the credentials, the bucket).

    Args:
        url: `file:///folder`, or any address obstore knows (`s3://bucket/prefix`, `gs://…`, `az://…`).

    Raises:
        StoreRefused: there is no such kind of store, or its folder cannot be made.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._folder = Path(url.removeprefix("file://")) if url.startswith("file://") else None
        try:
            if self._folder is not None:
                self._folder.mkdir(parents=True, exist_ok=True)
            self._store: ObjectStore = LocalStore(self._folder) if self._folder is not None else _remote(url)
        except (OSError, ValueError, BaseError) as error:
            raise StoreRefused(error_for(error).reason) from None

    async def put(self, key: str, chunks: AsyncIterator[bytes], *, name: str, max_bytes: int) -> StoredArtifact:
        """Stream `chunks` under `key`. What the source raises comes through as it is, and nothing is kept.

        Raises:
            FileTooLarge: `name` has more than `max_bytes`; nothing is kept.
        """
        self._forget_cut_off(key)
        source = _CountedSource(chunks, name, max_bytes)
        try:
            await obstore.put_async(self._store, key, source.read(), chunk_size=PART_BYTES, max_concurrency=2)
        except (OSError, BaseError) as error:
            raise source.failure or error_for(error) from error
        return StoredArtifact(key=key, bytes=source.bytes, sha256=source.digest.hexdigest())

    def _forget_cut_off(self, key: str) -> None:
        """In a folder a process that was killed leaves what it had written so far beside the key, as `key#1`."""
        if self._folder is not None:
            target = self._folder / key
            for left in target.parent.glob(f"{glob.escape(target.name)}#*"):
                left.unlink(missing_ok=True)

    async def put_bytes(self, key: str, body: bytes) -> None:
        with naming_the_fault():
            await obstore.put_async(self._store, key, body)

    async def get_bytes(self, key: str) -> bytes:
        """Raises ArtifactMissing where nothing is kept under `key`."""
        with naming_the_fault(key):
            result = await obstore.get_async(self._store, key)
            return bytes(await result.bytes_async())

    async def delete(self, key: str) -> None:
        """Whether it was there or not, it is gone afterwards."""
        with suppress(ArtifactMissing), naming_the_fault(key):
            await obstore.delete_async(self._store, key)

    @asynccontextmanager
    async def local_path(self, key: str) -> AsyncIterator[Path]:
        """A path the log engine can read: the file itself, or a copy for the time of the context.

        Raises ArtifactMissing where nothing is kept under `key`.
        """
        if self._folder is not None:
            with naming_the_fault(key):
                (self._folder / key).stat()
            yield self._folder / key
            return
        with tempfile.NamedTemporaryFile() as copy:
            with naming_the_fault(key):
                result = await obstore.get_async(self._store, key)
                async for chunk in result.stream(min_chunk_size=CHUNK_BYTES):
                    copy.write(chunk)
                copy.flush()
            yield Path(copy.name)

    async def probe(self) -> None:
        """Write, read and delete a few bytes, within PROBE_SECONDS.

        Raises:
            StoreUnavailable, StoreRefused: with the reason.
        """
        key = f"probe/{uuid4().hex}"
        try:
            async with asyncio.timeout(PROBE_SECONDS):
                await self.put_bytes(key, key.encode())
                if await self.get_bytes(key) != key.encode():
                    raise StoreRefused("it does not give back what was written")
                await self.delete(key)
        except TimeoutError:
            raise StoreUnavailable(f"it did not answer within {PROBE_SECONDS:g} s") from None

    def free_bytes(self) -> int | None:
        """What is left on the folder's disk; None for an object store, which does not say."""
        return shutil.disk_usage(self._folder).free if self._folder is not None else None


def _remote(url: str) -> ObjectStore:
    return from_url(url, retry_config={"max_retries": RETRIES, "retry_timeout": timedelta(seconds=RETRY_SECONDS)})


class _CountedSource:
    """An upload on its way: how much came so far, its digest, and what it failed with."""

    def __init__(self, chunks: AsyncIterator[bytes], name: str, max_bytes: int) -> None:
        self._chunks, self._name, self._max_bytes = chunks, name, max_bytes
        self.bytes = 0
        self.digest = hashlib.sha256()
        self.failure: Exception | None = None

    async def read(self) -> AsyncIterator[bytes]:
        try:
            async for chunk in self._chunks:
                self._count(chunk)
                yield chunk
        except Exception as error:
            self.failure = error  # told apart from a fault of the store
            raise

    def _count(self, chunk: bytes) -> None:
        self.bytes += len(chunk)
        if self.bytes > self._max_bytes:
            raise FileTooLarge(self._name, self._max_bytes)
        self.digest.update(chunk)
