"""What changed, told to everyone who has the page open."""

import asyncio
from collections.abc import AsyncIterator

from sandbox.json_object import JsonObject

# A page that has not read this many changes is gone or asleep; it reloads its state when it comes back.
_UNREAD_LIMIT = 1000


class Changes:
    """Each change is `{"kind", ...}`; one with `only` is for that person alone."""

    def __init__(self) -> None:
        self._readers: set[asyncio.Queue[JsonObject | None]] = set()
        self.closed = False

    def publish(self, kind: str, *, only: str | None = None, **facts: str | None) -> None:
        change: JsonObject = {"kind": kind, **{name: fact for name, fact in facts.items() if fact is not None}}
        for reader in self._readers:
            if reader.qsize() < _UNREAD_LIMIT:
                reader.put_nowait({**change, "only": only})

    async def read(self, user: str, *, heartbeat_seconds: float) -> AsyncIterator[JsonObject | None]:
        """Changes that `user` may see, from now until the sandbox closes; None whenever nothing came for a while."""
        queue: asyncio.Queue[JsonObject | None] = asyncio.Queue()
        self._readers.add(queue)
        try:
            while not self.closed:
                change = await _next(queue, heartbeat_seconds)
                if change is None or change.pop("only") in (None, user):
                    yield change
        finally:
            self._readers.discard(queue)

    def close(self) -> None:
        """End every reader at once."""
        self.closed = True
        for reader in self._readers:
            reader.put_nowait(None)


async def _next(queue: asyncio.Queue[JsonObject | None], within_seconds: float) -> JsonObject | None:
    try:
        return await asyncio.wait_for(queue.get(), within_seconds)
    except TimeoutError:
        return None
