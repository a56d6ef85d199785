"""Messages of a process that died, hangs, or ends: taken over soon, once, and by no clock that can jump."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.exc import OperationalError

from models.base import utc_now
from models.database import Database
from models.messaging import OutboxMessage, OutboxState
from services.notifications import leases
from services.notifications.dispatcher import OutboxDispatcher
from services.notifications.leases import Leases
from tests.services.notifications.outbox_at_work import RememberingNotifier, deliver_all, row_of, say
from tests.support.running_bot import eventually

pytestmark = pytest.mark.asyncio

SOON = {"BEAT_SECONDS": 0.05, "LEASE_SECONDS": 0.3}
LONGER_SECONDS = 2.0  # than a busy machine lets an event loop stand still


@pytest.fixture
def short_leases(monkeypatch):
    for name, seconds in SOON.items():
        monkeypatch.setattr(leases, name, seconds)


@pytest.fixture
def notifier():
    return RememberingNotifier()


async def die_while_sending(database, name):
    """A process that claimed a message and is gone: nothing of it is left but its row."""
    hanging = RememberingNotifier()
    hanging.hang_on(name)
    (sending,) = await OutboxDispatcher(database, hanging).start_due()
    await eventually(hanging.is_hanging)
    sending.cancel()
    await asyncio.gather(sending, return_exceptions=True)
    assert (await row_of(database, name)).state == OutboxState.SENDING


async def stop(*tasks):
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


@pytest.mark.parametrize("jump", [timedelta(0), timedelta(hours=1), timedelta(hours=-1)], ids=str)
@pytest.mark.usefixtures("short_leases")
async def test_the_message_of_a_dead_process_is_taken_over_and_looked_for(database, notifier, jump):
    """Whatever the clock has done since, as `claimed_at` shows it."""
    await say(database, "first", "second")
    await die_while_sending(database, "first")
    async with database.write() as session:
        await session.execute(update(OutboxMessage).values(claimed_at=utc_now() + jump))
        await session.commit()
    survivor = Leases(database)
    keeping = asyncio.create_task(survivor.keep())

    async def is_free():
        return (await row_of(database, "first")).state == OutboxState.PENDING

    await eventually(is_free)
    await stop(keeping)
    await deliver_all(OutboxDispatcher(database, notifier))
    assert notifier.names() == ["first", "second"]
    assert [each.in_doubt_since is not None for each in notifier.delivered] == [True, False]


@pytest.mark.usefixtures("short_leases")
async def test_a_slow_sender_that_lives_keeps_its_message(database, notifier, monkeypatch):
    monkeypatch.setattr(leases, "LEASE_SECONDS", LONGER_SECONDS)
    await say(database, "first")
    notifier.hang_on("first")
    slow = asyncio.create_task(OutboxDispatcher(database, notifier).run())
    await eventually(notifier.is_hanging)
    watching = asyncio.create_task(Leases(database).keep())
    claimed = await row_of(database, "first")

    async def has_beaten_for_several_leases():
        return (await row_of(database, "first")).beat > 1.5 * LONGER_SECONDS / SOON["BEAT_SECONDS"]

    await eventually(has_beaten_for_several_leases)
    row = await row_of(database, "first")
    assert (row.state, row.sender) == (OutboxState.SENDING, claimed.sender)
    notifier.let_go()
    await eventually(lambda: notifier.has_delivered("first"))
    await stop(slow, watching)


@pytest.mark.usefixtures("short_leases")
async def test_a_sender_that_cannot_beat_gives_up_by_itself(database, notifier, caplog):
    """Before others may take its message over: nobody beats here, as in a process that was stopped for a while."""
    await say(database, "first")
    notifier.hang_on("first")
    (sending,) = await OutboxDispatcher(database, notifier).start_due()
    await asyncio.wait_for(sending, 10)
    assert "took too long and was left to others" in caplog.text
    assert (await row_of(database, "first")).state == OutboxState.SENDING


async def test_who_lost_a_message_writes_nothing_about_it(database, notifier):
    await say(database, "first")
    notifier.hang_on("first")
    (late,) = await OutboxDispatcher(database, notifier).start_due()
    await eventually(notifier.is_hanging)
    await Leases(database).take_back_all()
    other = RememberingNotifier()
    other.answers["first"] = "1800000000.000001"
    await deliver_all(OutboxDispatcher(database, other))
    notifier.let_go()
    await late
    assert (await row_of(database, "first")).message_ts == "1800000000.000001"


async def test_a_process_that_ends_leaves_its_messages_free(database, notifier, monkeypatch):
    monkeypatch.setattr("services.notifications.dispatcher.DRAIN_SECONDS", 0.05)
    await say(database, "first")
    notifier.hang_on("first")
    running = asyncio.create_task(OutboxDispatcher(database, notifier).run())
    await eventually(notifier.is_hanging)
    await stop(running)
    row = await row_of(database, "first")
    assert (row.state, row.sender, row.in_doubt_since) == (OutboxState.PENDING, None, row.claimed_at)


async def test_a_process_that_ends_finishes_what_takes_only_a_moment(database, notifier):
    await say(database, "first")
    notifier.hang_on("first")
    running = asyncio.create_task(OutboxDispatcher(database, notifier).run())
    await eventually(notifier.is_hanging)
    running.cancel()
    await asyncio.sleep(0)
    notifier.let_go()
    await asyncio.gather(running, return_exceptions=True)
    assert (await row_of(database, "first")).state == OutboxState.DELIVERED


async def test_the_only_process_takes_everything_back_when_it_starts(migrated_sqlite_url, notifier):
    database = Database(migrated_sqlite_url)
    await say(database, "first")
    await die_while_sending(database, "first")
    running = asyncio.create_task(OutboxDispatcher(database, notifier).run())
    await eventually(lambda: notifier.has_delivered("first"), within_seconds=leases.LEASE_SECONDS / 2)
    await stop(running)
    await database.close()


@pytest.mark.usefixtures("short_leases")
async def test_a_database_that_was_away_is_no_sign_that_a_sender_is_dead(database, monkeypatch, caplog):
    await say(database, "first")
    await die_while_sending(database, "first")
    watcher = Leases(database)
    monkeypatch.setattr(watcher, "_beat", failing_once_after(10))
    keeping = asyncio.create_task(watcher.keep())

    async def was_away():
        return "the database is away" in caplog.text

    await eventually(was_away)
    assert watcher._seen == {}
    await stop(keeping)


def failing_once_after(rounds):
    left = [rounds]

    async def beat():
        left[0] -= 1
        if left[0] <= 0:
            raise OperationalError("SELECT 1", None, OSError("the server is gone"))

    return beat
