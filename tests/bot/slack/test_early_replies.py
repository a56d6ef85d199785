"""Replies to a card of which we do not know yet that it is one: kept, looked at again, and never lost."""

import json

import pytest
import pytest_asyncio
from sqlalchemy import select

from bot.observability.metrics import Metrics
from bot.slack.app import build_bolt_app
from bot.slack.early_replies import KEPT, LOOK_AFTER_SECONDS, LOOK_AGAIN_JOB
from bot.slack.listeners import messages
from models.incident import Incident
from models.messaging import InboundEvent, MessageKind, OutboxMessage
from models.triage import TriageRun
from services.incidents import incident_service
from tests.bot.slack.deliveries import ALICE, INCIDENTS, WORKSPACE, deliver, event, open_desk, recording_slack

pytestmark = pytest.mark.asyncio

THREAD = "1700000000.000100"
LOG = {"id": "F1", "name": "app.log", "filetype": "log"}


@pytest_asyncio.fixture
async def desk(migrated_url):
    async with open_desk(migrated_url) as desk:
        yield desk


@pytest_asyncio.fixture
async def bolt(desk):
    async with recording_slack() as slack:
        yield build_bolt_app(slack.client, desk, Metrics())


@pytest_asyncio.fixture
async def incident(desk):
    """Its card may be in Slack already."""
    async with desk.database.write() as session:
        incident = await incident_service.create_incident(
            session, title="checkout is failing", workspace=WORKSPACE, reporter=ALICE, channel=INCIDENTS
        )
        await session.commit()
        return incident


@pytest.fixture
def jobs_of(desk, monkeypatch):
    """What is enqueued, kept aside to be run when the test says so."""
    kept, enqueue = [], desk.jobs.enqueue

    async def enqueued(session, **job):
        if job["kind"] == LOOK_AGAIN_JOB:
            kept.append(job)
        await enqueue(session, **job)

    monkeypatch.setattr(desk.jobs, "enqueue", enqueued)
    return kept


async def look_again(desk, job):
    """Run a job as the engine does."""
    registered = {}
    former, desk.jobs.register = desk.jobs.register, registered.__setitem__
    messages.register_jobs(desk)
    desk.jobs.register = former

    async def step(_name, action, *args):
        return await action(*args)

    await registered[job["kind"]](step, job["argument"])


async def outcomes(desk):
    async with desk.database.read() as session:
        return list(await session.scalars(select(InboundEvent.outcome)))


async def post_the_card(desk, incident):
    async with desk.database.write() as session:
        (await session.get_one(Incident, incident.id)).thread_ts = THREAD
        await session.commit()


async def test_an_upload_that_comes_before_the_cards_ts_starts_its_run_later(desk, bolt, incident, jobs_of):
    upload = event("message", files=[LOG], thread_ts=THREAD)
    assert (await deliver(bolt, upload)).status == 200
    assert await outcomes(desk) == [KEPT]
    await deliver(bolt, upload, retry=1)
    (job,) = jobs_of
    assert job["delay_seconds"] == LOOK_AFTER_SECONDS[0]
    await post_the_card(desk, incident)
    await look_again(desk, job)
    async with desk.database.read() as session:
        (run,) = await session.scalars(select(TriageRun))
    assert (run.incident_id, run.requested_by) == (incident.id, ALICE)
    assert await outcomes(desk) == [f"triage run {run.id} of INC-1"]
    await look_again(desk, job)  # a crash before the engine noted that it was done
    async with desk.database.read() as session:
        assert len(list(await session.scalars(select(TriageRun)))) == 1


async def test_a_mention_that_comes_before_the_cards_ts_is_obeyed_later(desk, bolt, incident, jobs_of):
    await deliver(bolt, event("app_mention", text="<@U0BOT> ack", thread_ts=THREAD))
    await post_the_card(desk, incident)
    await look_again(desk, jobs_of[0])
    async with desk.database.read() as session:
        assert (await session.get_one(Incident, incident.id)).status == "acknowledged"
    assert await outcomes(desk) == ["answered: ack"]


async def test_patience_ends_with_a_word_to_the_uploader(desk, bolt, incident, jobs_of):
    await deliver(bolt, event("message", files=[LOG], thread_ts=THREAD))
    for number, seconds in enumerate(LOOK_AFTER_SECONDS):
        assert len(jobs_of) == number + 1
        assert jobs_of[number]["delay_seconds"] == seconds
        assert json.loads(jobs_of[number]["argument"])["looks"] == number + 1
        await look_again(desk, jobs_of[number])
    assert len(jobs_of) == len(LOOK_AFTER_SECONDS)
    assert await outcomes(desk) == [messages.OUTSIDE]
    async with desk.database.read() as session:
        told = select(OutboxMessage.payload).where(OutboxMessage.kind == MessageKind.EPHEMERAL)
        assert [payload["text"] for payload in await session.scalars(told)] == [messages.NOT_READ]


async def test_where_every_card_is_known_nothing_is_kept(desk, bolt, incident, jobs_of):
    await post_the_card(desk, incident)
    await deliver(bolt, event("message", files=[LOG], thread_ts="1600000000.000200"))
    await deliver(bolt, event("message", files=[LOG]))
    assert jobs_of == []
    assert await outcomes(desk) == [messages.OUTSIDE, messages.OUTSIDE]
