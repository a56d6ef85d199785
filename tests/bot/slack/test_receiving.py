"""What cannot be written down in time is refused, so that Slack sends it again; nobody reads a traceback for it."""

import logging
import time

import pytest
import pytest_asyncio
from sqlalchemy import select, text

from bot.observability.metrics import Metrics
from bot.slack import receiving
from bot.slack.app import build_bolt_app
from bot.slack.delivery import Desk
from models.database import Database
from models.incident import Incident
from models.messaging import InboundEvent
from services.jobs.dbos_jobs import DbosJobs
from tests.bot.slack.deliveries import IDENTITY, command, deliver, event, open_desk, recording_slack

pytestmark = pytest.mark.asyncio


@pytest_asyncio.fixture
async def slack():
    async with recording_slack() as slack:
        yield slack


@pytest_asyncio.fixture
async def desk(migrated_url):
    async with open_desk(migrated_url, pool_size=1) as desk:
        yield desk


@pytest.fixture
def bolt(slack, desk):
    return build_bolt_app(slack.client, desk, Metrics())


@pytest.fixture(autouse=True)
def _impatient(monkeypatch):
    monkeypatch.setattr(receiving, "DEADLINE_SECONDS", 0.3)


async def kinds(desk):
    async with desk.database.read() as session:
        return list(await session.scalars(select(InboundEvent.kind)))


async def hold_the_inbox(database, session):
    """As a long transaction of somebody else would."""
    await session.execute(text("SELECT 1" if database.is_sqlite else "LOCK TABLE inbound_event IN EXCLUSIVE MODE"))


@pytest.mark.parametrize("make", [lambda: event("message", text="hi"), lambda: event("app_mention", text="help")])
async def test_an_event_that_meets_a_lock_is_refused_in_time_and_taken_when_it_comes_again(
    desk, bolt, migrated_url, caplog, make
):
    body = make()
    somebody = Database(migrated_url)
    async with somebody.write() as session:
        await hold_the_inbox(desk.database, session)
        began = time.monotonic()
        refused = await deliver(bolt, body)
        assert refused.status == 503
        assert time.monotonic() - began < 2
        await session.rollback()
    await somebody.close()
    assert await kinds(desk) == []
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert (await deliver(bolt, body, retry=1)).status == 200
    assert await kinds(desk) == [f"event:{body['event']['type']}"]


async def test_a_command_that_meets_a_lock_is_answered_in_words_and_not_done(desk, bolt, migrated_url):
    body = command("payments are down")
    somebody = Database(migrated_url)
    async with somebody.write() as session:
        await hold_the_inbox(desk.database, session)
        answer = await deliver(bolt, body)
        assert (answer.status, answer.body) == (200, receiving.TOO_LATE)
        await session.rollback()
    await somebody.close()
    async with desk.database.read() as session:
        assert list(await session.scalars(select(Incident))) == []


async def test_with_no_connection_to_be_had_an_event_is_refused(migrated_postgres_url, slack):
    async with open_desk(migrated_postgres_url, pool_size=1) as desk:
        bolt = build_bolt_app(slack.client, desk, Metrics())
        async with desk.database.read() as one, desk.database.read() as other:  # the pool, and what it may overflow
            for session in (one, other):
                await session.execute(text("SELECT 1"))
            assert (await deliver(bolt, event("message", text="hi"))).status == 503
        assert (await deliver(bolt, event("message", text="hi"))).status == 200


async def test_with_the_database_away_an_event_is_refused_without_a_traceback(slack, unused_tcp_port, caplog):
    database = Database(f"postgresql://nobody@127.0.0.1:{unused_tcp_port}/nothing")
    desk = Desk(database, DbosJobs(database, concurrency=1), IDENTITY)
    bolt = build_bolt_app(slack.client, desk, Metrics())
    assert (await deliver(bolt, event("message", text="hi"))).status == 503
    assert (await deliver(bolt, command("list"))).body == receiving.SORRY
    assert {record.levelno for record in caplog.records if record.name == "bot.slack.receiving"} == {logging.WARNING}
    await database.close()


async def test_what_is_wrong_with_us_is_logged_with_its_traceback(desk, bolt, caplog):
    nameless = event("file_shared", user_id="U0ALICE")  # Slack always names the file
    assert (await deliver(bolt, nameless)).status == 500
    (record,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert record.exc_info
    assert await kinds(desk) == []
