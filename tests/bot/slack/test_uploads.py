"""The report's files: shared once, whatever breaks off and whoever dies, proved through the outbox that sends them."""

import asyncio

import pytest
import pytest_asyncio

from bot.slack import uploads
from models.incident import Incident
from models.messaging import MessageKind, OutboxState
from services.notifications import outbox
from services.notifications.dispatcher import OutboxDispatcher
from services.notifications.leases import Leases
from tests.services.notifications.outbox_at_work import deliver_all, deliver_due, make_due, row_of
from tests.support.running_bot import eventually

pytestmark = pytest.mark.asyncio


@pytest_asyncio.fixture
async def dispatcher(database, notifier, incident, run):
    """The card is posted, the report's files are due."""
    dispatcher = OutboxDispatcher(database, notifier)
    await deliver_all(dispatcher)
    async with database.write() as session:
        incident = await session.get_one(Incident, incident.id)
        await outbox.send(
            session,
            kind=MessageKind.REPORT_FILE,
            key=f"report:{run.id}",
            channel=incident.channel,
            incident=incident,
            run_id=run.id,
        )
        await session.commit()
    return dispatcher


async def deliver_until_settled(database, dispatcher):
    async def settled():
        await make_due(database)
        await deliver_due(dispatcher)
        return (await row_of(database, "report")).state == OutboxState.DELIVERED

    await eventually(settled)


async def shares(slack):
    """The names of the files in each message of the card's thread that has any."""
    (card,) = [message for message in await slack.messages() if message["text"].startswith("INC-1")]
    thread = await slack.messages(thread_ts=card["ts"])
    return [[file["name"] for file in message["files"]] for message in thread if message.get("files")]


async def shown(slack):
    """As soon as Slack shows them."""
    return await eventually(lambda: shares(slack))


def names(run):
    return [f"INC-1-triage-{run.id[-6:]}.{ending}" for ending in ("md", "json")]


@pytest.mark.parametrize("fault", ["reset", "lost", "truncated", "status"])
@pytest.mark.parametrize("target", ["files.getUploadURLExternal", "upload", "files.completeUploadExternal"])
async def test_what_breaks_off_anywhere_is_shared_once(*, slack, database, dispatcher, run, target, fault):
    slack.fault(target, fault)
    await deliver_due(dispatcher)
    assert (await row_of(database, "report")).state == OutboxState.PENDING
    await deliver_until_settled(database, dispatcher)
    assert await shown(slack) == [names(run)]


@pytest.mark.parametrize("fault", ["reset", "status"])
async def test_asking_for_what_was_lost_may_break_off_too(*, slack, database, dispatcher, run, fault):
    slack.fault("files.completeUploadExternal", "lost")
    await deliver_due(dispatcher)
    slack.fault("files.info", fault, count=2)
    await deliver_until_settled(database, dispatcher)
    assert await shown(slack) == [names(run)]


@pytest.mark.parametrize("call", ["files_getUploadURLExternal", "files_completeUploadExternal"])
@pytest.mark.parametrize("moment", ["before", "after"])
async def test_a_process_that_dies_leaves_no_second_share(
    *, slack, database, dispatcher, run, call, moment, monkeypatch
):
    reached = asyncio.Event()
    original = getattr(slack.client, call)

    async def dies(**facts):
        if moment == "after":
            await original(**facts)
        reached.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(slack.client, call, dies)
    (sending,) = await dispatcher.start_due()
    await asyncio.wait_for(reached.wait(), 10)
    sending.cancel()
    await asyncio.gather(sending, return_exceptions=True)
    monkeypatch.undo()
    await Leases(database).take_back_all()
    await deliver_until_settled(database, dispatcher)
    assert await shown(slack) == [names(run)]


async def test_files_that_slack_has_and_does_not_show_yet_are_waited_for(slack, database, dispatcher, run, monkeypatch):
    """Slack shares an upload a while after it took it, and in between says that it is nowhere."""
    monkeypatch.setattr("sandbox.web_api.files.sharing", lambda _workspace, _file: {"shares": {}})
    slack.fault("files.completeUploadExternal", "lost")
    await deliver_due(dispatcher)
    await make_due(database)
    await deliver_due(dispatcher)
    waiting = await row_of(database, "report")
    assert (waiting.state, waiting.last_error) == (OutboxState.PENDING, "Slack does not show the files yet")
    monkeypatch.undo()
    await deliver_until_settled(database, dispatcher)
    assert await shown(slack) == [names(run)]


async def test_without_the_scope_to_ask_the_thread_is_looked_through(slack, database, dispatcher, run):
    slack.fault("files.completeUploadExternal", "lost")
    await deliver_due(dispatcher)
    slack.sandbox.access.scopes.remove("files:read")
    await shown(slack)
    await deliver_until_settled(database, dispatcher)
    assert await shown(slack) == [names(run)]


async def test_files_that_people_deleted_meanwhile_are_not_shared_again(slack, database, dispatcher):
    slack.fault("files.completeUploadExternal", "lost")
    await deliver_due(dispatcher)
    await shown(slack)
    for file_id in (await row_of(database, "report")).slack_file_ids:
        slack.sandbox.workspace.delete_file(slack.sandbox.workspace.files.find(file_id))
    await deliver_until_settled(database, dispatcher)
    assert slack.calls("files.getUploadURLExternal") == 2


async def test_a_clear_refusal_of_the_sharing_is_no_doubt(slack, database, dispatcher, run):
    slack.fault("files.completeUploadExternal", "status", status=429, retry_after_seconds=0)
    await deliver_due(dispatcher)
    assert (await row_of(database, "report")).in_doubt_since is None
    await deliver_until_settled(database, dispatcher)
    assert slack.calls("files.info") == 0
    assert await shown(slack) == [names(run)]


async def test_it_is_not_looked_for_as_often_as_slack_takes_to_look():
    assert uploads.MOST_LOOKS * uploads.LOOK_AGAIN_SECONDS >= 10
