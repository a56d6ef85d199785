"""The dispatcher: order per thread, one update for many changes, an intent before each call, nobody held up by others."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text, update

from models.base import utc_now
from models.database import Database
from models.incident import Incident
from models.messaging import MessageKind, OutboxMessage, OutboxState
from services.errors import CredentialsRefused, PermanentDeliveryError, RateLimited, ThreadGone, TransientDeliveryError
from services.incidents import incident_service
from services.notifications import outbox, outcomes
from services.notifications.dispatcher import MAX_UNDER_WAY, OutboxDispatcher
from tests.services.notifications.outbox_at_work import (
    RememberingNotifier,
    deliver_all,
    deliver_due,
    make_due,
    open_with_replies,
    row_of,
    rows,
    say,
)
from tests.support.running_bot import eventually

pytestmark = pytest.mark.asyncio


@pytest.fixture
def notifier():
    return RememberingNotifier()


@pytest.fixture
def dispatcher(database, notifier):
    return OutboxDispatcher(database, notifier)


async def change_card(database, incident):
    async with database.write() as session:
        await outbox.show_card(session, incident=await session.get_one(Incident, incident.id))
        await session.commit()


# Order


async def test_replies_wait_for_the_card_and_keep_their_order(database, dispatcher, notifier):
    incident = await open_with_replies(database, "first", "second", "third")
    await deliver_all(dispatcher)
    assert notifier.names() == ["card", "first", "second", "third"]
    async with database.read() as session:
        thread_ts = (await session.get_one(Incident, incident.id)).thread_ts
    assert {envelope.thread_ts for envelope in notifier.delivered[1:]} == {thread_ts}
    assert thread_ts == "1700000000.000001"


async def test_the_order_is_that_of_the_writing_whatever_the_writers_clocks_say(database, dispatcher, notifier):
    """Later rows have the earlier times, as from a process whose clock is an hour behind."""
    await say(database, "first", "second")
    async with database.write() as session:
        behind = utc_now() - timedelta(hours=1)
        await session.execute(
            update(OutboxMessage).where(OutboxMessage.key == "second").values(created_at=behind, wanted_at=behind)
        )
        await session.commit()
    await deliver_all(dispatcher)
    assert notifier.names() == ["first", "second"]


async def test_two_processes_never_send_two_messages_of_one_thread_at_once(database):
    """The second one's look at the outbox was before the first had claimed anything."""
    await say(database, "first", "second")
    slow, fast = RememberingNotifier(), RememberingNotifier()
    slow.hang_on("first")
    one, other = OutboxDispatcher(database, slow), OutboxDispatcher(database, fast)
    (sending,) = await one.start_due()
    await eventually(slow.is_hanging)
    second = (await row_of(database, "second")).id
    await other._start(second)
    assert fast.names() == []
    slow.let_go()
    await sending
    await deliver_all(one)
    assert slow.names() == ["first", "second"]


async def test_an_edit_neither_waits_nor_holds_anything_up(database, dispatcher, notifier):
    incident = await open_with_replies(database)
    await deliver_all(dispatcher)
    await change_card(database, incident)
    await say(database, "reply", incident=incident)
    notifier.hang_on("card")
    under_way = await dispatcher.start_due()
    await eventually(notifier.is_hanging)
    await eventually(lambda: notifier.has_delivered("reply"))
    notifier.let_go()
    await asyncio.gather(*under_way)


async def test_a_dead_message_blocks_nothing(database, dispatcher, notifier):
    await say(database, "first", "second")
    notifier.fail("first", PermanentDeliveryError("msg_too_long"))
    await deliver_all(dispatcher)
    assert notifier.names() == ["second"]
    assert (await row_of(database, "first")).state == OutboxState.DEAD


# Nobody is held up by others


async def test_a_thread_that_hangs_does_not_hold_up_the_next_round_of_others(database, dispatcher, notifier):
    await say(database, "stuck", thread_ts="1.1")
    notifier.hang_on("stuck")
    running = asyncio.create_task(dispatcher.run())
    await eventually(notifier.is_hanging)
    for name in ("one", "two", "three"):
        await say(database, name, thread_ts="2.2")
    await eventually(lambda: notifier.has_delivered("three"))
    assert notifier.names() == ["one", "two", "three"]
    notifier.let_go()
    await stop(running)


async def test_however_many_messages_wait_the_one_that_is_due_is_found(database, dispatcher, notifier):
    """Many threads whose first message has to wait, and behind them all one that need not."""
    async with database.write() as session:
        for number in range(3 * MAX_UNDER_WAY):
            for name in ("waits", "behind"):
                await outbox.send(
                    session,
                    kind=MessageKind.REPLY,
                    key=f"{name}:{number}",
                    channel="C1",
                    thread_ts=f"{number}.1",
                    text="",
                )
        later = utc_now() + timedelta(seconds=60)
        await session.execute(update(OutboxMessage).where(OutboxMessage.key.like("waits:%")).values(retry_at=later))
        await session.commit()
    await say(database, "due", thread_ts="9.9")
    await deliver_due(dispatcher)
    assert notifier.names() == ["due"]


async def test_no_more_are_under_way_than_connections_are_good_for(database, dispatcher, notifier):
    for number in range(MAX_UNDER_WAY + 5):
        await say(database, f"m{number}", thread_ts=f"{number}.1")
        notifier.hang_on(f"m{number}")
    under_way = await dispatcher.start_due()
    assert len(under_way) == MAX_UNDER_WAY
    assert await dispatcher.start_due() == []
    notifier.let_go()
    await asyncio.gather(*under_way)


# Living messages


async def test_many_changes_become_one_update(database, dispatcher, notifier):
    incident = await open_with_replies(database)
    await deliver_all(dispatcher)
    for _ in range(5):
        await change_card(database, incident)
    await deliver_all(dispatcher)
    assert [envelope.message_ts for envelope in notifier.delivered] == [None, "1700000000.000001"]
    assert await deliver_due(dispatcher) == 0


async def test_a_change_during_the_call_is_sent_afterwards(database, dispatcher, notifier):
    incident = await open_with_replies(database)
    notifier.meanwhile = lambda: change_card(database, incident)
    await deliver_due(dispatcher)
    assert (await row_of(database, "card")).state == OutboxState.PENDING
    notifier.meanwhile = None
    await deliver_all(dispatcher)
    assert [envelope.message_ts for envelope in notifier.delivered] == [None, "1700000000.000001"]


async def test_the_same_key_is_sent_once(database, dispatcher, notifier):
    await say(database, "once", "once")
    await deliver_all(dispatcher)
    assert notifier.names() == ["once"]


# Waiting and trying again


async def test_who_is_told_to_wait_waits_and_no_attempt_is_counted(database, dispatcher, notifier):
    await say(database, "first", "second")
    notifier.fail("first", RateLimited(30.0))
    before = utc_now()
    await deliver_all(dispatcher)
    assert notifier.names() == []
    waiting = await row_of(database, "first")
    assert timedelta(seconds=29) < waiting.retry_at - before < timedelta(seconds=40)
    assert (waiting.attempts, waiting.failing_since, waiting.in_doubt_since) == (0, None, None)
    await make_due(database)
    await deliver_all(dispatcher)
    assert notifier.names() == ["first", "second"]


async def test_a_wait_is_over_at_once_where_the_clock_went_back_an_hour(database, dispatcher, notifier):
    await say(database, "first")
    notifier.fail("first", RateLimited(30.0))
    await deliver_due(dispatcher)
    async with database.write() as session:
        an_hour_ahead = utc_now() + timedelta(hours=1, seconds=20)
        await session.execute(update(OutboxMessage).values(retry_at=an_hour_ahead))
        await session.commit()
    await deliver_due(dispatcher)
    assert notifier.names() == ["first"]


async def test_a_new_message_waits_for_no_clock(database):
    """Its writer's may be ahead of the sender's."""
    await open_with_replies(database, "first")
    assert {row.retry_at for row in (await rows(database)).values()} == {None}


async def test_a_lost_answer_leaves_the_message_in_doubt_until_it_is_settled(database, dispatcher, notifier):
    await say(database, "first")
    notifier.fail("first", TransientDeliveryError("the answer was lost"), RateLimited(1.0))
    for _ in range(3):
        await deliver_due(dispatcher)
        await make_due(database)
    (delivered,) = notifier.delivered
    assert utc_now() - delivered.in_doubt_since < timedelta(seconds=30)
    assert delivered.attempts == 1
    settled = await row_of(database, "first")
    assert (settled.in_doubt_since, settled.attempts, settled.last_error) == (None, 0, None)


async def test_a_clear_refusal_that_passes_leaves_no_doubt(database, dispatcher, notifier):
    await say(database, "first")
    notifier.fail("first", TransientDeliveryError("not looked at yet", 1.0, in_doubt=False))
    await deliver_due(dispatcher)
    await make_due(database)
    await deliver_due(dispatcher)
    assert [(each.in_doubt_since, each.attempts) for each in notifier.delivered] == [(None, 1)]


@pytest.mark.parametrize(
    ("kind", "failing_for", "attempts", "state"),
    [
        (MessageKind.REPLY, timedelta(hours=23), 1_400, OutboxState.PENDING),
        (MessageKind.REPLY, timedelta(hours=25), 1_400, OutboxState.DEAD),
        (MessageKind.REPLY, timedelta(hours=25), 2, OutboxState.PENDING),  # the machine slept; it was hardly tried
        (MessageKind.EPHEMERAL, timedelta(minutes=11), 12, OutboxState.DEAD),
    ],
)
async def test_when_a_message_is_given_up(*, database, dispatcher, notifier, kind, failing_for, attempts, state):
    await say(database, "first", kind=kind)
    async with database.write() as session:
        await session.execute(
            update(OutboxMessage).values(failing_since=utc_now() - failing_for, attempts=attempts, retry_at=None)
        )
        await session.commit()
    notifier.fail("first", TransientDeliveryError("ClientConnectorError"))
    await deliver_due(dispatcher)
    row = await row_of(database, "first")
    assert row.state == state
    assert "ClientConnectorError" in row.last_error


async def test_the_wait_grows_to_a_minute_and_no_further():
    waits = [outcomes._backoff_seconds(attempts) for attempts in range(1, 2_000)]
    assert waits[0] <= 1.2
    assert max(waits) <= outcomes.MAX_BACKOFF_SECONDS * 1.2
    assert min(waits[10:]) >= outcomes.MAX_BACKOFF_SECONDS * 0.8


# The ends


async def test_a_refused_card_is_told_to_its_reporter_and_posted_with_the_next_change(database, dispatcher, notifier):
    incident = await open_with_replies(database, "first")
    notifier.fail("card", PermanentDeliveryError("not_in_channel", "Invite me there."))
    await deliver_all(dispatcher)
    card = await row_of(database, "card")
    assert (card.state, card.last_error) == (OutboxState.DEAD, "not_in_channel: Invite me there.")
    (told,) = notifier.delivered
    assert told.channel == "U1"
    assert "did not let me post its card in <#C1> (not_in_channel). Invite me there. Then run" in told.payload["text"]

    await change_card(database, incident)
    await deliver_all(dispatcher)
    assert notifier.names() == ["card-missing", "card", "first"]


async def test_a_thread_that_is_gone_is_begun_anew_by_the_card(database, dispatcher, notifier):
    incident = await open_with_replies(database)
    await deliver_all(dispatcher)
    await say(database, "reply", incident=incident)
    notifier.fail("reply", ThreadGone("thread_not_found"))
    await deliver_all(dispatcher)
    assert notifier.names() == ["card", "card", "reply"]
    card, reply = notifier.delivered[1:]
    assert (card.message_ts, card.thread_ts) == (None, None)
    assert reply.thread_ts == "1700000000.000002"


async def test_a_card_whose_thread_is_gone_is_its_new_root(database, dispatcher, notifier):
    incident = await open_with_replies(database)
    await deliver_all(dispatcher)
    await change_card(database, incident)
    notifier.fail("card", ThreadGone("thread_not_found"))
    await deliver_all(dispatcher)
    card = await row_of(database, "card")
    async with database.read() as session:
        assert (await session.get_one(Incident, incident.id)).thread_ts == card.message_ts == "1700000000.000002"


async def test_a_card_that_is_posted_anew_in_its_thread_does_not_move_it(database, dispatcher, notifier):
    incident = await open_with_replies(database)
    await deliver_all(dispatcher)
    await change_card(database, incident)
    notifier.answers["card"] = "1800000000.000001"
    await deliver_all(dispatcher)
    async with database.read() as session:
        assert (await session.get_one(Incident, incident.id)).thread_ts == "1700000000.000001"
    assert (await row_of(database, "card")).message_ts == "1800000000.000001"


async def test_a_thread_that_slack_never_finds_does_not_fill_the_channel_with_cards(database, dispatcher, notifier):
    incident = await open_with_replies(database)
    await deliver_all(dispatcher)
    await say(database, "reply", incident=incident)
    notifier.fail("reply", *[ThreadGone("thread_not_found")] * 20)
    await deliver_all(dispatcher)
    assert notifier.names() == ["card"] * (1 + outcomes.MOST_NEW_THREADS)
    assert (await row_of(database, "reply")).state == OutboxState.DEAD


async def test_a_lost_thread_of_no_incident_is_the_end_of_the_message(database, dispatcher, notifier):
    await say(database, "reply")
    notifier.fail("reply", ThreadGone("thread_not_found"))
    await deliver_all(dispatcher)
    assert (await row_of(database, "reply")).state == OutboxState.DEAD


# A token that is refused


async def test_a_refused_token_holds_everything_and_buries_nothing(database, dispatcher, notifier, monkeypatch, caplog):
    monkeypatch.setattr("services.notifications.dispatcher.PROBE_SECONDS", 0.05)
    names = [f"m{number}" for number in range(5)]
    for name in names:
        await say(database, name, thread_ts=f"{name}.1")
        notifier.fail(name, *[CredentialsRefused("token_revoked", "Copy it again.")] * 2)
    running = asyncio.create_task(dispatcher.run())

    async def is_paused():
        return dispatcher.paused_reason

    assert await eventually(is_paused) == "token_revoked: Copy it again."
    states = {row.state for row in (await rows(database)).values()}
    assert states <= {OutboxState.PENDING, OutboxState.SENDING}
    notifier.failures.clear()
    await eventually(lambda: notifier.has_delivered(*names))
    assert dispatcher.paused_reason is None
    assert [record.levelname for record in caplog.records if "put right" in record.message] == ["ERROR"]
    await stop(running)


async def test_while_the_token_is_refused_one_message_is_tried_now_and_then(database, dispatcher, notifier):
    for number in range(5):
        await say(database, f"m{number}", thread_ts=f"{number}.1")
        notifier.fail(f"m{number}", *[CredentialsRefused("token_revoked")] * 20)
    await deliver_due(dispatcher)
    assert await deliver_due(dispatcher) == 0  # it is not yet time to try
    dispatcher._pause.probe_at = 0
    assert await deliver_due(dispatcher) == 1
    assert (await row_of(database, "m0")).attempts == 0


# Waking, and what waits


async def test_a_commit_wakes_the_dispatcher_at_once(database, notifier, monkeypatch):
    monkeypatch.setattr("services.notifications.dispatcher.POLL_SECONDS", 3600)
    dispatcher = OutboxDispatcher(database, notifier)
    running = asyncio.create_task(dispatcher.run())
    await open_with_replies(database, "first")
    await eventually(lambda: notifier.has_delivered("card", "first"), within_seconds=10)
    await stop(running)


async def test_the_lag_is_the_age_of_what_slack_does_not_show_yet(database, dispatcher, notifier):
    assert (await dispatcher.lag()).oldest_seconds == 0
    await open_with_replies(database, "first")
    async with database.write() as session:
        long_ago = utc_now() - timedelta(minutes=5)
        await session.execute(update(OutboxMessage).values(wanted_at=long_ago))
        await session.commit()
    lag = await dispatcher.lag()
    assert 290 < lag.oldest_seconds < 400
    assert lag.by_state == {"pending": 2, "sending": 0, "delivered": 0, "dead": 0}
    await deliver_all(dispatcher)
    lag = await dispatcher.lag()
    assert (lag.oldest_seconds, lag.by_state[OutboxState.DELIVERED]) == (0, 2)


async def test_what_waits_for_a_refused_card_is_no_lag(database, dispatcher, notifier):
    await open_with_replies(database, "first")
    notifier.fail("card", PermanentDeliveryError("not_in_channel"))
    await deliver_all(dispatcher)
    lag = await dispatcher.lag()
    assert (lag.oldest_seconds, lag.by_state[OutboxState.PENDING], lag.by_state[OutboxState.DEAD]) == (0, 1, 1)


async def test_a_press_while_a_new_card_is_being_settled_is_no_deadlock(migrated_postgres_url):
    """Whoever changes an incident locks it before its messages; so does the dispatcher."""
    database = Database(migrated_postgres_url)
    incident = await open_with_replies(database)
    async with database.write() as pressing:
        await incident_service.get_incident(pressing, incident.id, lock=True)
        (settling,) = await OutboxDispatcher(database, RememberingNotifier()).start_due()
        await eventually(lambda: waits_for_a_lock(database))
        await outbox.show_card(pressing, incident=incident)
        await pressing.commit()
    await settling
    card = await row_of(database, "card")
    assert (card.message_ts, card.revision, card.state) == ("1700000000.000001", 2, OutboxState.PENDING)
    await database.close()


async def waits_for_a_lock(database):
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    async with database.read() as session:
        return await session.scalar(waiting)


async def stop(running):
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
