"""The outbox: order per thread, one update for many changes, an intent before each call."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select, text, update

from models.base import utc_now
from models.database import Database
from models.incident import Incident
from models.messaging import MessageKind, OutboxMessage, OutboxState
from services.errors import PermanentDeliveryError, TransientDeliveryError
from services.incidents import incident_service
from services.notifications import outbox
from services.notifications.dispatcher import OutboxDispatcher
from tests.support.running_bot import eventually

pytestmark = pytest.mark.asyncio


class RememberingNotifier:
    """Takes every message, and fails where a test says so."""

    def __init__(self) -> None:
        self.delivered = []
        self.failures = {}

    async def deliver(self, envelope):
        failures = self.failures.get(envelope.key)
        if failures:
            raise failures.pop(0)
        self.delivered.append(envelope)
        return envelope.message_ts or f"1700000000.{len(self.delivered):06d}"

    def keys(self):
        return [envelope.key.split(":")[0] for envelope in self.delivered]


@pytest.fixture
def notifier():
    return RememberingNotifier()


@pytest.fixture
def dispatcher(database, notifier):
    return OutboxDispatcher(database, notifier)


async def open_with_replies(database, *replies):
    async with database.write() as session:
        incident = await incident_service.create_incident(
            session, title="checkout fails", workspace="T1", reporter="U1", channel="C1"
        )
        for text in replies:
            await outbox.reply(session, incident=incident, key=f"{text}:{incident.id}", text=text)
        await session.commit()
    return incident


async def rows(database):
    async with database.read() as session:
        return {row.key.split(":")[0]: row for row in await session.scalars(select(OutboxMessage))}


async def make_due(database):
    async with database.write() as session:
        await session.execute(update(OutboxMessage).values(retry_at=utc_now() - timedelta(seconds=1)))
        await session.commit()


async def test_replies_wait_for_the_card_and_keep_their_order(database, dispatcher, notifier):
    incident = await open_with_replies(database, "first", "second", "third")
    while await dispatcher.deliver_due():
        pass
    assert notifier.keys() == ["card", "first", "second", "third"]
    async with database.read() as session:
        thread_ts = (await session.get_one(Incident, incident.id)).thread_ts
    assert {envelope.thread_ts for envelope in notifier.delivered[1:]} == {thread_ts}
    assert thread_ts == "1700000000.000001"


async def test_many_changes_become_one_update(database, dispatcher, notifier):
    incident = await open_with_replies(database)
    await dispatcher.deliver_due()
    for _ in range(5):
        async with database.write() as session:
            await outbox.show_card(session, incident=await session.get_one(Incident, incident.id))
            await session.commit()
    await dispatcher.deliver_due()
    assert [envelope.message_ts for envelope in notifier.delivered] == [None, "1700000000.000001"]
    assert await dispatcher.deliver_due() == 0


async def test_a_change_during_the_call_is_sent_afterwards(database, dispatcher, notifier):
    incident = await open_with_replies(database)

    async def change_meanwhile(envelope):
        async with database.write() as session:
            await outbox.show_card(session, incident=await session.get_one(Incident, incident.id))
            await session.commit()
        notifier.deliver = remembered
        return await remembered(envelope)

    remembered, notifier.deliver = notifier.deliver, change_meanwhile
    await dispatcher.deliver_due()
    assert (await rows(database))["card"].state == OutboxState.PENDING
    await dispatcher.deliver_due()
    assert [envelope.message_ts for envelope in notifier.delivered] == [None, "1700000000.000001"]


async def test_rate_limited_messages_wait_as_long_as_slack_says_and_hold_what_stands_behind(
    database, dispatcher, notifier
):
    incident = await open_with_replies(database, "first", "second")
    notifier.failures[f"first:{incident.id}"] = [TransientDeliveryError("ratelimited", 30.0)]
    before = utc_now()
    while await dispatcher.deliver_due():
        pass
    assert notifier.keys() == ["card"]
    waiting = (await rows(database))["first"]
    assert timedelta(seconds=29) < waiting.retry_at - before < timedelta(seconds=40)
    await make_due(database)
    while await dispatcher.deliver_due():
        pass
    assert notifier.keys() == ["card", "first", "second"]


async def test_a_retry_looks_for_the_message_first(database, dispatcher, notifier):
    incident = await open_with_replies(database)
    notifier.failures[f"card:{incident.id}"] = [TransientDeliveryError("the answer was lost")]
    await dispatcher.deliver_due()
    await make_due(database)
    await dispatcher.deliver_due()
    assert [(envelope.may_exist, envelope.attempts) for envelope in notifier.delivered] == [(True, 1)]


async def test_a_message_cut_off_by_a_crash_is_looked_for_after_the_restart(database, notifier):
    await open_with_replies(database)
    begun = asyncio.Event()

    async def hang(envelope):
        begun.set()
        await asyncio.Event().wait()

    crashing = RememberingNotifier()
    crashing.deliver = hang
    task = asyncio.create_task(OutboxDispatcher(database, crashing).deliver_due())
    await asyncio.wait_for(begun.wait(), 10)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert (await rows(database))["card"].state == OutboxState.SENDING

    await make_due(database)
    await OutboxDispatcher(database, notifier).deliver_due()
    assert [envelope.may_exist for envelope in notifier.delivered] == [True]


async def test_a_refused_card_is_told_to_its_reporter_and_posted_with_the_next_change(database, dispatcher, notifier):
    incident = await open_with_replies(database, "first")
    notifier.failures[f"card:{incident.id}"] = [PermanentDeliveryError("not_in_channel")]
    while await dispatcher.deliver_due():
        pass
    assert (await rows(database))["card"].state == OutboxState.DEAD
    assert [(e.channel, "INC-1 is open, but" in e.payload["text"]) for e in notifier.delivered] == [("U1", True)]

    async with database.write() as session:
        await outbox.show_card(session, incident=await session.get_one(Incident, incident.id))
        await session.commit()
    while await dispatcher.deliver_due():
        pass
    assert notifier.keys() == ["card-missing", "card", "first"]


async def test_the_same_key_is_sent_once(database, dispatcher, notifier):
    async with database.write() as session:
        for _ in range(2):
            await outbox.send(session, kind=MessageKind.REPLY, key="once", channel="C1", thread_ts="1.1", text="hello")
        await session.commit()
    await dispatcher.deliver_due()
    assert notifier.keys() == ["once"]


async def test_a_commit_wakes_the_dispatcher_at_once(database, notifier, monkeypatch):
    monkeypatch.setattr("services.notifications.dispatcher.POLL_SECONDS", 3600)
    dispatcher = OutboxDispatcher(database, notifier)
    running = asyncio.create_task(dispatcher.run())

    async def delivered():
        return notifier.delivered

    await open_with_replies(database)
    await eventually(delivered, within_seconds=10)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_a_press_while_a_new_card_is_being_settled_is_no_deadlock(migrated_postgres_url):
    """Whoever changes an incident locks it before its messages; so does the dispatcher."""
    database = Database(migrated_postgres_url)
    incident = await open_with_replies(database)
    async with database.write() as pressing:
        await incident_service.get_incident(pressing, incident.id, lock=True)
        settling = asyncio.create_task(OutboxDispatcher(database, RememberingNotifier()).deliver_due())
        await eventually(lambda: waits_for_a_lock(database))
        await outbox.show_card(pressing, incident=incident)
        await pressing.commit()
    assert await settling == 1
    card = (await rows(database))["card"]
    assert (card.message_ts, card.revision, card.state) == ("1700000000.000001", 2, OutboxState.PENDING)
    await database.close()


async def waits_for_a_lock(database):
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    async with database.read() as session:
        return await session.scalar(waiting)
