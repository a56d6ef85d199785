"""The outbox and Slack together: many changes, many threads, a refused token, a card that people delete."""

import asyncio
import time
from contextlib import asynccontextmanager

import pytest

from models.incident import Incident
from models.messaging import MessageKind, OutboxState
from services.notifications import dispatcher as dispatcher_module
from services.notifications import outbox
from services.notifications.dispatcher import OutboxDispatcher
from tests.services.notifications.outbox_at_work import row_of, rows
from tests.support.running_bot import eventually
from tests.support.workplace import INCIDENTS, text_of

pytestmark = pytest.mark.asyncio

SLOW_SECONDS = 0.5


@asynccontextmanager
async def delivering(database, notifier):
    dispatcher = OutboxDispatcher(database, notifier)
    running = asyncio.create_task(dispatcher.run())
    yield dispatcher
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def retitle(database, incident, title):
    async with database.write() as session:
        changed = await session.get_one(Incident, incident.id)
        changed.title = title
        await outbox.show_card(session, incident=changed)
        await session.commit()


async def say(database, key, **where):
    async with database.write() as session:
        await outbox.send(session, kind=MessageKind.REPLY, key=key, channel=INCIDENTS, text=key, **where)
        await session.commit()


async def card(slack, *, saying):
    """The newest card, once it says that; a card that was posted anew may be a reply."""

    async def found():
        for message in await slack.messages():
            thread = await slack.messages(thread_ts=message["ts"])
            for each in thread:
                if saying in text_of(each):
                    return each
        return None

    return await eventually(found)


async def test_a_hundred_changes_while_slack_is_slow_are_few_edits(slack, database, notifier, incident):
    async with delivering(database, notifier):
        await card(slack, saying="checkout is failing")
        slack.fault("chat.update", "slow", seconds=SLOW_SECONDS, count=100)
        begun = time.monotonic()
        for number in range(1, 101):
            await retitle(database, incident, f"change {number}.")
        await card(slack, saying="change 100.")
        edits = 100 - slack.sandbox.faults.pending()[0]["count"]
        assert edits <= (time.monotonic() - begun) / SLOW_SECONDS + 2

        async def settled():
            return (await row_of(database, "card")).state == OutboxState.DELIVERED

        await eventually(settled)


async def test_many_threads_of_one_channel_keep_slacks_pace(slack, database, notifier):
    roots = [await slack.say(f"root {number}") for number in range(6)]
    for number, root in enumerate(roots):
        await say(database, f"reply {number}", thread_ts=root)
    async with delivering(database, notifier):

        async def all_are_shown():
            return {row.state for row in (await rows(database)).values()} == {OutboxState.DELIVERED}

        await eventually(all_are_shown)
    assert [entry for entry in slack.sandbox.traffic.after(0) if entry["status"] == 429] == []
    assert slack.calls("chat.postMessage") == len(roots)


async def test_a_limit_on_edits_holds_no_reply(slack, database, notifier, incident):
    async with delivering(database, notifier):
        await card(slack, saying="checkout is failing")
        slack.fault("chat.update", "status", status=429, retry_after_seconds=30)
        await retitle(database, incident, "changed")
        await eventually(lambda: is_postponed(database, "card"))
        async with database.write() as session:
            changed = await session.get_one(Incident, incident.id)
            await outbox.reply(session, incident=changed, key="reply", text="not held up")
            await session.commit()
        await card(slack, saying="not held up")


async def is_postponed(database, name):
    return (await row_of(database, name)).last_error


async def test_a_revoked_token_holds_everything_until_it_works_again(slack, database, notifier, incident, monkeypatch):
    monkeypatch.setattr(dispatcher_module, "PROBE_SECONDS", 0.1)
    token, slack.client.token = slack.client.token, "xoxb-revoked-not-a-real-token"
    root = await slack.say("root")
    await say(database, "reply", thread_ts=root)
    async with delivering(database, notifier) as dispatcher:

        async def is_paused():
            return dispatcher.paused_reason

        assert "set SLACK_BOT_TOKEN" in await eventually(is_paused)
        assert {row.state for row in (await rows(database)).values()} <= {OutboxState.PENDING, OutboxState.SENDING}
        slack.client.token = token
        await card(slack, saying="checkout is failing")
        await card(slack, saying="reply")
        assert dispatcher.paused_reason is None


async def test_a_deleted_card_comes_back_and_its_thread_goes_on(slack, database, notifier, incident):
    """First in its thread, which its reply keeps; and when that is deleted too, as the root of a new thread."""
    async with delivering(database, notifier):
        first = await card(slack, saying="checkout is failing")
        async with database.write() as session:
            await outbox.reply(session, incident=await session.get_one(Incident, incident.id), key="one", text="one")
            await session.commit()
        reply = await card(slack, saying="one")
        await slack.client.chat_delete(channel=INCIDENTS, ts=first["ts"])
        await retitle(database, incident, "deleted once")
        again = await card(slack, saying="deleted once")
        assert again["thread_ts"] == first["ts"]

        for message in (reply, again):
            await slack.client.chat_delete(channel=INCIDENTS, ts=message["ts"])
        slack.sandbox.workspace.messages._channels[INCIDENTS].pop(first["ts"])  # with the last reply goes the tombstone
        await retitle(database, incident, "deleted twice")
        new_root = await card(slack, saying="deleted twice")
        assert "thread_ts" not in new_root
        async with database.write() as session:
            changed = await session.get_one(Incident, incident.id)
            assert changed.thread_ts == new_root["ts"]
            await outbox.reply(session, incident=changed, key="two", text="two")
            await session.commit()
        assert (await card(slack, saying="two"))["thread_ts"] == new_root["ts"]
