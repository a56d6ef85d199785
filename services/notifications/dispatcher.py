"""Delivers the outbox: in order per thread, an intent before each call, again after a passing fault."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Row, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from models.base import utc_now
from models.database import Database
from models.incident import Incident
from models.messaging import MessageKind, OutboxMessage, OutboxState
from services.errors import PermanentDeliveryError, TransientDeliveryError
from services.notifications import outbox
from services.notifications.notifier import Envelope, Notifier

log = logging.getLogger(__name__)

POLL_SECONDS = 1.0  # what another process wrote is found this late at worst; our own commits wake us at once
LEASE_SECONDS = 60.0  # longer than any call to Slack, the largest upload included
BATCH = 200
MAX_ATTEMPTS = 30  # with the backoff below about 25 minutes of a platform that cannot be reached
MAX_BACKOFF_SECONDS = 60.0


class OutboxDispatcher:
    """One per process that delivers; `run()` until it is cancelled."""

    def __init__(self, database: Database, notifier: Notifier) -> None:
        self._database = database
        self._notifier = notifier
        self._wake = asyncio.Event()
        database.on_commit(outbox.TOPIC, self._wake.set)

    def wake(self) -> None:
        self._wake.set()

    async def run(self) -> None:
        """Deliver what is due, for ever. A fault of one round is logged and the next round tries again."""
        if self._database.is_sqlite:
            await self._take_back_leases()
        while True:
            self._wake.clear()
            try:
                delivered = await self.deliver_due()
            except Exception:  # the loop must outlive a database that is away for a while
                log.exception("the outbox could not be read; trying again")
                delivered = 0
            if not delivered:
                await self._rest()

    async def _rest(self) -> None:
        try:
            await asyncio.wait_for(self._wake.wait(), POLL_SECONDS)
        except TimeoutError:
            return

    async def _take_back_leases(self) -> None:
        """The only process has just started: whatever was being sent was cut off."""
        async with self._database.write() as session:
            sending = update(OutboxMessage).where(OutboxMessage.state == OutboxState.SENDING)
            await session.execute(sending.values(retry_at=utc_now()))
            await session.commit()

    async def deliver_due(self) -> int:
        """Deliver every message that is due now; threads side by side, each in its order. Returns how many went out."""
        threads = await self._due_by_thread()
        counts = await asyncio.gather(*(self._deliver_thread(ids) for ids in threads))
        return sum(counts)

    async def _due_by_thread(self) -> list[list[str]]:
        async with self._database.read() as session:
            rows = await session.execute(
                select(OutboxMessage.id, OutboxMessage.channel, OutboxMessage.incident_id, OutboxMessage.thread_ts,
                       OutboxMessage.retry_at)
                .outerjoin(Incident, Incident.id == OutboxMessage.incident_id)
                .where(OutboxMessage.state.in_((OutboxState.PENDING, OutboxState.SENDING)), _has_a_place())
                .order_by(OutboxMessage.id)
                .limit(BATCH)
            )  # fmt: skip
            return _in_order(rows.all())

    async def _deliver_thread(self, message_ids: list[str]) -> int:
        delivered = 0
        for message_id in message_ids:
            if not await self._deliver(message_id):
                break
            delivered += 1
        return delivered

    async def _deliver(self, message_id: str) -> bool:
        claimed = await self._claim(message_id)
        if claimed is None:
            return False
        envelope, revision = claimed
        try:
            ts = await self._notifier.deliver(envelope)
        except PermanentDeliveryError as error:
            await self._bury(message_id, str(error))
            return True
        except TransientDeliveryError as error:
            await self._postpone(message_id, str(error), error.retry_after_seconds)
            return False
        except Exception as error:  # a fault of ours must not stop the other threads
            log.exception("message %s could not be delivered", envelope.key)
            await self._postpone(message_id, f"{type(error).__name__}: {error}", None)
            return False
        await self._settle(envelope, revision, ts)
        return True

    async def _claim(self, message_id: str) -> tuple[Envelope, int] | None:
        """Commit the intent to send; None where another process was faster."""
        now = utc_now()
        async with self._database.write() as session:
            row = await session.get(OutboxMessage, message_id, with_for_update=True)
            if row is None or row.retry_at > now or row.state not in (OutboxState.PENDING, OutboxState.SENDING):
                return None
            thread_ts = row.thread_ts or await _incident_thread(session, row)
            envelope = Envelope(
                id=row.id,
                key=row.key,
                kind=row.kind,
                incident_id=row.incident_id,
                channel=row.channel,
                thread_ts=thread_ts,
                payload=row.payload,
                message_ts=row.message_ts,
                may_exist=row.attempts > 0 and row.message_ts is None,
                attempts=row.attempts,
            )
            row.state = OutboxState.SENDING
            row.attempts += 1
            row.retry_at = now + timedelta(seconds=LEASE_SECONDS)
            revision = row.revision
            await session.commit()
        return envelope, revision

    async def _settle(self, envelope: Envelope, revision: int, ts: str | None) -> None:
        async with self._database.write() as session:
            if envelope.kind == MessageKind.CARD and envelope.message_ts is None:
                # Before the message's row: whoever changes an incident locks the two in this order.
                threaded = update(Incident).where(Incident.id == envelope.incident_id)
                await session.execute(threaded.values(thread_ts=ts), execution_options={"synchronize_session": False})
            row = await session.get_one(OutboxMessage, envelope.id, with_for_update=True)
            row.message_ts = ts or row.message_ts
            row.delivered_revision = revision
            row.state = OutboxState.DELIVERED if row.revision == revision else OutboxState.PENDING
            row.attempts, row.last_error, row.retry_at = 0, None, utc_now()
            await session.commit()

    async def _postpone(self, message_id: str, reason: str, retry_after_seconds: float | None) -> None:
        async with self._database.write() as session:
            row = await session.get_one(OutboxMessage, message_id, with_for_update=True)
            if row.attempts >= MAX_ATTEMPTS:
                row.state, row.last_error = OutboxState.DEAD, f"given up after {row.attempts} attempts: {reason}"
                log.error("message %s was given up: %s", row.key, reason)
            else:
                wait = retry_after_seconds or min(0.5 * 2.0 ** min(row.attempts, 10), MAX_BACKOFF_SECONDS)
                row.state, row.last_error = OutboxState.PENDING, reason
                row.retry_at = utc_now() + timedelta(seconds=wait)
            await session.commit()

    async def _bury(self, message_id: str, reason: str) -> None:
        """Not to be tried again unless what it shows changes; a reporter learns that the card is missing."""
        async with self._database.write() as session:
            row = await session.get_one(OutboxMessage, message_id, with_for_update=True)
            log.error("message %s will not be delivered: %s", row.key, reason)
            row.state, row.last_error = OutboxState.DEAD, reason
            if row.kind == MessageKind.CARD and row.message_ts is None and row.incident_id:
                await outbox.tell_reporter(session, incident_id=row.incident_id, reason=reason)
            await session.commit()


def _has_a_place() -> ColumnElement[bool]:
    """What goes into an incident's thread waits for its card: the card's ts is the thread."""
    return or_(
        OutboxMessage.incident_id.is_(None),
        OutboxMessage.kind == MessageKind.CARD,
        OutboxMessage.thread_ts.is_not(None),
        Incident.thread_ts.is_not(None),
    )


DueRow = Row[str, str, str | None, str | None, datetime]


def _in_order(rows: Sequence[DueRow]) -> list[list[str]]:
    """The ids that may go out now, a list per thread: what stands behind one that must wait, waits too."""
    now = utc_now()
    threads: dict[tuple[str, str | None], list[str]] = defaultdict(list)
    blocked: set[tuple[str, str | None]] = set()
    for message_id, channel, incident_id, thread_ts, retry_at in rows:
        thread = (channel, incident_id or thread_ts)
        if retry_at > now:
            blocked.add(thread)
        elif thread not in blocked:
            threads[thread].append(message_id)
    return list(threads.values())


async def _incident_thread(session: AsyncSession, row: OutboxMessage) -> str | None:
    if row.incident_id is None or row.kind == MessageKind.CARD:
        return None
    return await session.scalar(select(Incident.thread_ts).where(Incident.id == row.incident_id))
