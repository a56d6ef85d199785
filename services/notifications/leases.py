"""Whose message it is while it is being sent, told without clocks that can jump.

A sender counts up `beat` on the rows that it is sending. Whoever sees a row's count stand still for LEASE_SECONDS of
its own monotonic time takes the row back: its sender is dead, or cut off from the database. The sender gives up by the
same measure, and earlier, since its time runs from before the last beat that was committed.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from sqlalchemy import ColumnElement, select, true, update
from sqlalchemy.exc import SQLAlchemyError

from models.base import new_id
from models.database import Database
from models.messaging import OutboxMessage, OutboxState
from services.notifications import outcomes

log = logging.getLogger(__name__)

BEAT_SECONDS = 1.5
LEASE_SECONDS = 6.0  # four beats: one that comes late loses nothing, and nobody waits long for a dead process


@dataclass(frozen=True, slots=True)
class _Sighting:
    sender: str | None
    beat: int
    since: float


class Leases:
    """What this process is sending, and a watch over what others are."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.sender = new_id()
        self._held: dict[int, asyncio.Timeout] = {}
        self._seen: dict[int, _Sighting] = {}

    @asynccontextmanager
    async def hold(self, message_id: int) -> AsyncIterator[None]:
        """Around claiming and sending a message. Raises TimeoutError as soon as others may take it for abandoned."""
        async with asyncio.timeout(LEASE_SECONDS) as lease:
            self._held[message_id] = lease
            try:
                yield
            finally:
                del self._held[message_id]

    async def keep(self) -> None:
        """Beat and watch, until cancelled."""
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            try:
                await self._beat()
                await self._take_back_what_stands_still()
            except (SQLAlchemyError, OSError) as error:
                log.warning("the database is away (%s); what others are sending is watched anew", type(error).__name__)
                self._seen.clear()

    async def take_back_all(self) -> None:
        """For the only process there is, when it starts: whatever was being sent was cut off."""
        await self._take_back(true())

    async def release(self) -> None:
        """For a process that ends: others need not wait."""
        await self._take_back(OutboxMessage.sender == self.sender)

    async def _beat(self) -> None:
        begun = asyncio.get_running_loop().time()
        if not self._held:
            return
        async with self._database.write() as session:
            beating = update(OutboxMessage).where(
                OutboxMessage.id.in_(self._held),
                OutboxMessage.sender == self.sender,
                OutboxMessage.state == OutboxState.SENDING,
            )
            still_ours = await session.scalars(beating.values(beat=OutboxMessage.beat + 1).returning(OutboxMessage.id))
            await session.commit()
        for message_id in still_ours:
            if message_id in self._held:
                self._held[message_id].reschedule(begun + LEASE_SECONDS)

    async def _take_back_what_stands_still(self) -> None:
        now = asyncio.get_running_loop().time()
        sightings = await self._look(now)
        for message_id, sighting in sightings.items():
            if now - sighting.since >= LEASE_SECONDS:
                log.warning("message %d is taken over from a sender that stands still", message_id)
                await self._take_back(
                    OutboxMessage.id == message_id,
                    OutboxMessage.sender == sighting.sender,
                    OutboxMessage.beat == sighting.beat,
                )
        self._seen = sightings

    async def _look(self, now: float) -> dict[int, _Sighting]:
        """What is being sent by others, or by nobody, and since when it has stood like that."""
        query = select(OutboxMessage.id, OutboxMessage.sender, OutboxMessage.beat)
        async with self._database.glance() as session:
            rows = await session.execute(query.where(OutboxMessage.state == OutboxState.SENDING))
        return {
            message_id: self._sighted(message_id, sender, beat, now)
            for message_id, sender, beat in rows
            if message_id not in self._held
        }

    def _sighted(self, message_id: int, sender: str | None, beat: int, now: float) -> _Sighting:
        before = self._seen.get(message_id)
        unchanged = before is not None and (before.sender, before.beat) == (sender, beat)
        return before if before is not None and unchanged else _Sighting(sender, beat, now)

    async def _take_back(self, *which: ColumnElement[bool]) -> None:
        """It may have arrived: whoever sends it next looks for it first."""
        async with self._database.write() as session:
            await outcomes.take_back(session, *which)
            await session.commit()
