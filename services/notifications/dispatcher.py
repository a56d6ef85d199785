"""Delivers the outbox: each message by itself, an intent before each call, again after a passing fault."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from models.database import Database
from services.errors import CredentialsRefused, PermanentDeliveryError, RateLimited, ThreadGone, TransientDeliveryError
from services.notifications import backlog, claims, outbox, outcomes
from services.notifications.backlog import Backlog
from services.notifications.leases import Leases
from services.notifications.notifier import Notifier
from services.notifications.outcomes import Attempt, NotOurs

log = logging.getLogger(__name__)

POLL_SECONDS = 1.0  # what another process wrote is found this late at worst; our own commits wake us at once
# So many that a few which hang until their time is up hold up nobody else, and no more connections than Slack likes.
MAX_UNDER_WAY = 50
PROBE_SECONDS = 15.0  # how often a refused token is tried again, with one message
DRAIN_SECONDS = 3.0  # for what is being sent when the process ends; a platform kills after ten at the earliest


@dataclass(slots=True)
class _Pause:
    reason: str
    probe_at: float


class OutboxDispatcher:
    """One per process that delivers; `run()` until it is cancelled."""

    def __init__(self, database: Database, notifier: Notifier) -> None:
        self._database = database
        self._notifier = notifier
        self._leases = Leases(database)
        self._wake = asyncio.Event()
        self._under_way: dict[int, asyncio.Task[None]] = {}
        self._pause: _Pause | None = None
        database.on_commit(outbox.TOPIC, self._wake.set)

    @property
    def paused_reason(self) -> str | None:
        """Why nothing at all is delivered at present, or None."""
        return self._pause.reason if self._pause else None

    async def lag(self) -> Backlog:
        """How much waits, and for how long."""
        async with self._database.glance() as session:
            return await backlog.measure(session)

    def wake(self) -> None:
        self._wake.set()

    async def run(self) -> None:
        """Deliver what is due, for ever. A fault of one round is logged and the next round tries again."""
        if self._database.is_sqlite:
            await self._leases.take_back_all()
        keeping = asyncio.create_task(self._leases.keep())
        try:
            while True:
                self._wake.clear()
                await self._begin_round()
                await self._rest()
        finally:
            await self._end(keeping)

    async def start_due(self) -> list[asyncio.Task[None]]:
        """Begin to deliver every message that is due now and not under way; the tasks that do it."""
        room = MAX_UNDER_WAY - len(self._under_way)
        if room <= 0 or not self._may_try():
            return []
        async with self._database.glance() as session:
            due = await claims.list_due(session, limit=2 * MAX_UNDER_WAY)
        fresh = [message_id for message_id in due if message_id not in self._under_way]
        return [self._start(message_id) for message_id in fresh[: 1 if self._pause else room]]

    async def _begin_round(self) -> None:
        try:
            await self.start_due()
        except Exception:  # the loop must outlive a database that is away for a while
            log.exception("the outbox could not be read; trying again")

    async def _rest(self) -> None:
        try:
            await asyncio.wait_for(self._wake.wait(), POLL_SECONDS)
        except TimeoutError:
            return

    async def _end(self, keeping: asyncio.Task[None]) -> None:
        """Let what is being sent finish, for a moment; what does not is free for others at once."""
        if self._under_way:
            await asyncio.wait(self._under_way.values(), timeout=DRAIN_SECONDS)
        left = [keeping, *self._under_way.values()]
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        try:
            await self._leases.release()
        except (SQLAlchemyError, OSError) as error:
            log.warning("what was being sent is not set free (%s): others wait for it a little", error)

    def _start(self, message_id: int) -> asyncio.Task[None]:
        task = asyncio.create_task(self._deliver(message_id))
        self._under_way[message_id] = task
        task.add_done_callback(lambda _: self._finished(message_id))
        return task

    def _finished(self, message_id: int) -> None:
        del self._under_way[message_id]
        self._wake.set()  # the next of its thread may be due now

    async def _deliver(self, message_id: int) -> None:
        try:
            async with self._leases.hold(message_id):
                attempt = await self._claim(message_id)
                if attempt is not None:
                    await self._send(attempt)
        except (TimeoutError, NotOurs):
            log.warning("message %d took too long and was left to others", message_id)
        except Exception:  # a fault of one message must not stop the others; its lease runs out
            log.exception("what became of message %d could not be written down", message_id)

    async def _claim(self, message_id: int) -> Attempt | None:
        async with self._database.write() as session:
            claimed = await claims.claim(session, message_id, sender=self._leases.sender)
            await session.commit()
        return Attempt(*claimed, self._leases.sender) if claimed else None

    async def _send(self, attempt: Attempt) -> None:
        try:
            ts = await self._notifier.deliver(attempt.envelope)
        except CredentialsRefused as refusal:
            self._hold_everything(refusal)
            await self._note(outcomes.put_back, attempt, str(refusal))
        except RateLimited as limit:
            await self._note(outcomes.put_back, attempt, str(limit), retry_after_seconds=limit.retry_after_seconds)
        except TransientDeliveryError as error:
            await self._note(outcomes.postpone, attempt, error)
        except (PermanentDeliveryError, ThreadGone) as refusal:
            self._go_on()
            lost_thread = isinstance(refusal, ThreadGone)
            await self._note(outcomes.begin_thread_anew if lost_thread else outcomes.bury, attempt, refusal)
        except Exception as error:  # a fault of ours must not stop the other threads
            log.exception("message %s could not be delivered", attempt.envelope.key)
            await self._note(outcomes.postpone, attempt, TransientDeliveryError(f"{type(error).__name__}: {error}"))
        else:
            self._go_on()
            await self._note(outcomes.settle, attempt, ts)

    async def _note(self, outcome: Callable[..., Awaitable[None]], attempt: Attempt, *facts: Any, **more: Any) -> None:
        async with self._database.write() as session:
            await outcome(session, attempt, *facts, **more)
            await session.commit()

    def _may_try(self) -> bool:
        """While Slack refuses the token one message is tried now and then; it says when that is over."""
        if self._pause is None:
            return True
        now = asyncio.get_running_loop().time()
        if self._under_way or now < self._pause.probe_at:
            return False
        self._pause.probe_at = now + PROBE_SECONDS
        return True

    def _hold_everything(self, refusal: CredentialsRefused) -> None:
        if self._pause is None:
            log.error("nothing is delivered until this is put right: %s", refusal)
            self._pause = _Pause(str(refusal), asyncio.get_running_loop().time() + PROBE_SECONDS)

    def _go_on(self) -> None:
        if self._pause is not None:
            log.info("messages are delivered again")
            self._pause = None
