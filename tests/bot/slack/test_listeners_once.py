"""Every delivery is written down before it is acknowledged, and one that comes again changes nothing."""

import asyncio

import pytest
import pytest_asyncio
from sqlalchemy import func, select

from bot.observability.metrics import Metrics
from bot.slack.app import build_bolt_app
from models.incident import Incident, IncidentStatus, TimelineEvent
from models.messaging import InboundEvent, MessageKind, OutboxMessage
from models.triage import LogArtifact, TriageRun
from services.incidents import incident_service
from tests.bot.slack.deliveries import (
    ALICE,
    INCIDENTS,
    command,
    deliver,
    event,
    open_desk,
    press,
    recording_slack,
    submission,
)

pytestmark = pytest.mark.asyncio

THREAD = "1700000000.000100"
LOG = {"id": "F1", "name": "app.log", "filetype": "log"}
PICTURE = {"id": "F2", "name": "cat.png", "filetype": "png"}


@pytest_asyncio.fixture
async def desk(migrated_url):
    async with open_desk(migrated_url) as desk:
        yield desk


@pytest_asyncio.fixture
async def incident(desk):
    async with desk.database.write() as session:
        incident = await incident_service.create_incident(
            session, title="checkout is failing", workspace="T0SANDBOX", reporter=ALICE, channel=INCIDENTS
        )
        incident.thread_ts = THREAD
        await session.commit()
        return incident


@pytest_asyncio.fixture
async def slack():
    async with recording_slack() as slack:
        yield slack


@pytest.fixture
def bolt(slack, desk):
    return build_bolt_app(slack.client, desk, Metrics())


async def rows(desk, statement):
    async with desk.database.read() as session:
        return list(await session.scalars(statement))


async def count(desk, entity):
    return (await rows(desk, select(func.count()).select_from(entity)))[0]


async def the_delivery(desk):
    (row,) = await rows(desk, select(InboundEvent))
    return row.kind, row.outcome


DELIVERIES = {
    "talk": (lambda _: event("message", text="hi"), "event:message", "ignored: no upload"),
    "a picture": (
        lambda _: event("message", files=[PICTURE]),
        "event:message",
        "ignored: the upload is outside any incident's thread",
    ),
    "a log outside": (
        lambda _: event("message", files=[LOG]),
        "event:message",
        "ignored: the upload is outside any incident's thread",
    ),
    "a log": (lambda _: event("message", files=[LOG], thread_ts=THREAD), "event:message", "triage run"),
    "an edit": (
        lambda _: event("message", subtype="message_changed", hidden=True, message={"files": [LOG]}),
        "event:message",
        "ignored: no upload",
    ),
    "the second event": (lambda _: event("file_shared", user_id=ALICE, file_id="F1"), "event:file_shared", "done"),
    "the second event of ours": (
        lambda _: event("file_shared", user_id="U0BOT", file_id="F1"),
        "event:file_shared",
        "ignored: our own",
    ),
    "a mention": (lambda _: event("app_mention", text="<@U0BOT> help"), "event:app_mention", "answered: help"),
    "a mention that acts": (
        lambda _: event("app_mention", text="<@U0BOT> ack", thread_ts=THREAD),
        "event:app_mention",
        "answered: ack",
    ),
    "home": (lambda _: event("app_home_opened", tab="home"), "event:app_home_opened", "shown"),
    "an event nobody asked for": (lambda _: event("team_join"), "team_join", "ignored: nothing listens to it"),
    "help": (lambda _: command("help"), "command:help", "answered"),
    "list": (lambda _: command("list"), "command:list", "answered"),
    "a form": (lambda _: command(""), "command:form", "opened a form"),
    "a command that opens": (lambda _: command("payments are down sev2"), "command:open", "INC-2 is open"),
    "a command that changes": (lambda _: command("resolve INC-1"), "command:resolve", "INC-1 is resolved by"),
    "a command that is refused": (lambda _: command("ack INC-9"), "command:ack", "refused: There is no incident INC-9"),
    "a press": (lambda i: press("incident_acknowledge", i.id), "action:incident_acknowledge", "done"),
    "a press that opens a form": (
        lambda i: press("incident_escalate", i.id),
        "action:incident_escalate",
        "opened a form",
    ),
    "a press behind which nothing is": (
        lambda _: press("incident_resolve", "nothing"),
        "action:incident_resolve",
        "There is no incident behind this button",
    ),
    "a press on a report that is gone": (
        lambda _: press("triage_templates", "nothing"),
        "action:triage_templates",
        "The report behind this button is gone.",
    ),
    "a link": (lambda _: press("a_link", "x"), "block_actions", "ignored: nothing listens to it"),
    "a shortcut": (
        lambda _: {"type": "shortcut", "callback_id": "open_incident", "trigger_id": "1.shortcut"},
        "shortcut:open_incident",
        "opened a form",
    ),
    "a form handed in": (
        lambda i: submission("severity", {"severity": "sev1"}, i.id),
        "view:severity",
        "severity sev1",
    ),
    "a form that is refused": (
        lambda _: submission("severity", {"severity": "sev1"}, "nothing"),
        "view:severity",
        "refused: There is no incident behind this form",
    ),
    "a form that was closed": (
        lambda _: {"type": "view_closed", "view": {"callback_id": "x", "id": "V1", "hash": "1.h"}},
        "view_closed",
        "ignored: nothing listens to it",
    ),
}


@pytest.mark.parametrize("name", DELIVERIES)
async def test_a_delivery_is_written_down_once_and_does_its_work_once(desk, bolt, slack, incident, name):
    make, kind, outcome = DELIVERIES[name]
    body = make(incident)
    first = await deliver(bolt, body)
    assert first.status == 200
    row = await the_delivery(desk)
    assert row[0] == kind
    assert row[1].startswith(outcome)
    done = [await count(desk, entity) for entity in (Incident, TimelineEvent, OutboxMessage, TriageRun, LogArtifact)]
    again = await deliver(bolt, body, retry=1)
    assert (again.status, again.body) == (200, first.body)
    assert await the_delivery(desk) == row
    assert done == [
        await count(desk, entity) for entity in (Incident, TimelineEvent, OutboxMessage, TriageRun, LogArtifact)
    ]
    assert slack.calls.count("views.open") == (outcome == "opened a form")


async def test_duplicates_that_come_at_the_same_moment_get_the_same_answer(desk, bolt):
    body = command("payments are down")
    answers = await asyncio.gather(*(deliver(bolt, body) for _ in range(5)))
    assert {answer.body for answer in answers} == {answers[0].body}
    assert "INC-1" in answers[0].body
    assert await count(desk, Incident) == 1


async def test_uploads_start_one_run_whichever_of_their_events_comes_first(desk, bolt, incident):
    shared = event("file_shared", user_id=ALICE, file_id="F1")
    message = event("message", files=[LOG], thread_ts=THREAD)
    for body in (shared, message, message, shared):
        assert (await deliver(bolt, body)).status == 200
    assert await count(desk, TriageRun) == 1


async def test_a_button_works_before_the_ts_of_its_card_is_known(desk, bolt, incident):
    async with desk.database.write() as session:
        (await session.get_one(Incident, incident.id)).thread_ts = None
        await session.commit()
    assert (await deliver(bolt, press("incident_acknowledge", incident.id))).status == 200
    assert await rows(desk, select(Incident.status)) == [IncidentStatus.ACKNOWLEDGED]


async def test_to_acknowledge_what_is_resolved_is_answered_and_changes_nothing(desk, bolt, incident):
    await deliver(bolt, command("resolve INC-1"))
    await deliver(bolt, press("incident_acknowledge", incident.id))
    whispered = select(OutboxMessage.payload).where(OutboxMessage.kind == MessageKind.EPHEMERAL)
    assert [payload["text"] for payload in await rows(desk, whispered)] == [
        "INC-1 is resolved already; nothing changed."
    ]
    assert await rows(desk, select(Incident.status)) == [IncidentStatus.RESOLVED]


async def test_a_form_that_comes_too_late_is_said_and_written_down(desk, bolt, slack, incident):
    slack.error = "expired_trigger_id"
    assert (await deliver(bolt, press("incident_escalate", incident.id))).status == 200
    assert "too late for Slack" in (await the_delivery(desk))[1]
    late = await deliver(bolt, command(""))
    assert "too late for Slack" in late.body
