"""A notifier that remembers, and short ways to fill the outbox, to look at it and to have it delivered."""

import asyncio
from collections import defaultdict
from datetime import timedelta

from sqlalchemy import select, update

from models.base import utc_now
from models.messaging import MessageKind, OutboxMessage
from services.incidents import incident_service
from services.notifications import outbox


class RememberingNotifier:
    """Takes every message; fails, hangs, or answers with another ts where a test says so. A name is a key up to its colon."""

    def __init__(self) -> None:
        self.delivered = []
        self.failures = defaultdict(list)
        self.answers = {}
        self.meanwhile = None
        self._hangs = set()
        self._hanging = asyncio.Event()
        self._free = asyncio.Event()

    async def deliver(self, envelope):
        name = name_of(envelope.key)
        if name in self._hangs:
            self._hanging.set()
            await self._free.wait()
        if self.failures[name]:
            raise self.failures[name].pop(0)
        if self.meanwhile:
            await self.meanwhile()
        self.delivered.append(envelope)
        return self.answers.get(name) or envelope.message_ts or f"1700000000.{len(self.delivered):06d}"

    def fail(self, name, *errors):
        self.failures[name] = list(errors)

    def hang_on(self, name):
        self._hangs.add(name)

    async def is_hanging(self):
        return self._hanging.is_set()

    def let_go(self):
        self._free.set()

    def names(self):
        return [name_of(envelope.key) for envelope in self.delivered]

    async def has_delivered(self, *names):
        return set(names) <= set(self.names())


def name_of(key):
    return key.split(":")[0]


async def open_with_replies(database, *replies):
    async with database.write() as session:
        incident = await incident_service.create_incident(
            session, title="checkout fails", workspace="T1", reporter="U1", channel="C1"
        )
        for text in replies:
            await outbox.reply(session, incident=incident, key=f"{text}:{incident.id}", text=text)
        await session.commit()
    return incident


async def say(database, *names, incident=None, kind=MessageKind.REPLY, thread_ts="1.1"):
    """Messages into one thread, that of an incident where there is one."""
    where = {"incident": incident} if incident else {"thread_ts": thread_ts}
    async with database.write() as session:
        for name in names:
            await outbox.send(session, kind=kind, key=name, channel="C1", text=name, user="U1", **where)
        await session.commit()


async def rows(database):
    async with database.read() as session:
        return {name_of(row.key): row for row in await session.scalars(select(OutboxMessage))}


async def row_of(database, name):
    return (await rows(database))[name]


async def make_due(database):
    async with database.write() as session:
        await session.execute(update(OutboxMessage).values(retry_at=utc_now() - timedelta(seconds=1)))
        await session.commit()


async def deliver_due(dispatcher):
    """Everything that is due now, once; how many messages were tried."""
    tasks = await dispatcher.start_due()
    await asyncio.gather(*tasks)
    return len(tasks)


async def deliver_all(dispatcher):
    while await deliver_due(dispatcher):
        pass
