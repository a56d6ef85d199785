"""The picture of a triage: uploaded once, shown by the living message, or a file where Slack does not show it."""

import pytest
import pytest_asyncio
from sqlalchemy import select

from bot.slack import pictures
from models.messaging import MessageKind, OutboxMessage
from models.triage import PictureState, TriagePicture
from services.errors import PermanentDeliveryError, TransientDeliveryError
from services.pictures.drawing import Box, Drawing
from services.pictures.png import png_of
from tests.bot.slack.envelopes import envelope
from tests.support.running_bot import eventually

pytestmark = pytest.mark.asyncio

PNG = png_of(Drawing(40, 20, "#ffffff", "#000000", "two bars", (Box(5, 5, 5, 10, "#c8102e"),)))
ALT_TEXT = "Errors: at most 3 before it began, at most 98 at 14:08:00."


@pytest_asyncio.fixture
async def drawn(database, store, run):
    """The run has a picture, which Slack has not seen."""
    keys = {"png_key": f"pictures/{run.id}.png", "svg_key": f"pictures/{run.id}.svg"}
    await store.put_bytes(keys["png_key"], PNG)
    async with database.write() as session:
        session.add(TriagePicture(run_id=run.id, alt_text=ALT_TEXT, **keys))
        await session.commit()
    return run


@pytest_asyncio.fixture
async def root(notifier, incident):
    return await notifier.deliver(envelope(MessageKind.CARD, incident.id))


def picture_of(run, root, **changes):
    return envelope(MessageKind.PICTURE, run.incident_id, thread_ts=root, payload={"run_id": run.id}, **changes)


def picture_file(run, root, **changes):
    return envelope(MessageKind.PICTURE_FILE, run.incident_id, thread_ts=root, payload={"run_id": run.id}, **changes)


def triage_of(run, root, **changes):
    return envelope(MessageKind.TRIAGE, run.incident_id, thread_ts=root, **changes)


async def state(database, run):
    async with database.read() as session:
        return (await session.get_one(TriagePicture, run.id)).state


async def asked_for(database, kind):
    """The payload of the outbox row of that kind, once anybody asked for such a message."""
    async with database.read() as session:
        row = await session.scalar(select(OutboxMessage).where(OutboxMessage.kind == kind))
        return None if row is None else (row.payload, row.revision)


def uploads(slack):
    """The bot's pictures that Slack has, shown or not."""
    files = slack.sandbox.workspace.files._files.values()
    return [file for file in files if file.completed and file.name.endswith(".png") and not file.deleted]


def images(message):
    return [block for block in message.get("blocks", []) if block["type"] == "image"]


async def upload(slack, notifier, run, root):
    """To the end: Slack has looked at it."""
    with pytest.raises(TransientDeliveryError, match="not looked at"):
        await notifier.deliver(picture_of(run, root))
    slack.sandbox.clock.advance(slack.sandbox.config.processing_seconds)
    await notifier.deliver(picture_of(run, root, in_doubt=True))


async def test_it_is_uploaded_unseen_and_then_shown_by_the_living_message(slack, notifier, database, drawn, root):
    await upload(slack, notifier, drawn, root)
    assert len(await slack.messages(thread_ts=root)) == 1
    assert await state(database, drawn) == PictureState.READY
    assert await asked_for(database, MessageKind.TRIAGE) == ({}, 1)
    await notifier.deliver(triage_of(drawn, root))
    (image,) = images((await slack.messages(thread_ts=root))[1])
    (file,) = uploads(slack)
    assert (image["alt_text"], image["slack_file"]) == (ALT_TEXT, {"id": file.id})
    assert file.path.read_bytes() == PNG
    assert (await slack.people.get(f"/people/file/{file.id}")).content == PNG


async def test_before_slack_has_looked_at_it_the_message_is_there_without_it(slack, notifier, drawn, root):
    with pytest.raises(TransientDeliveryError) as later:
        await notifier.deliver(picture_of(drawn, root))
    assert later.value.retry_after_seconds == pictures.LOOK_AGAIN_SECONDS
    await notifier.deliver(triage_of(drawn, root))
    assert images((await slack.messages(thread_ts=root))[1]) == []


async def test_edits_and_repeated_deliveries_upload_nothing_anew(slack, notifier, drawn, root):
    await upload(slack, notifier, drawn, root)
    ts = await notifier.deliver(triage_of(drawn, root))
    for _ in range(3):
        await notifier.deliver(picture_of(drawn, root, in_doubt=True))
        await notifier.deliver(triage_of(drawn, root, message_ts=ts))
    thread = await slack.messages(thread_ts=root)
    assert [len(images(message)) for message in thread] == [0, 1]
    assert len(uploads(slack)) == 1


@pytest.mark.parametrize("fault", ["reset", "lost"])
@pytest.mark.parametrize(
    "target", ["files.getUploadURLExternal", "upload", "files.completeUploadExternal", "files.info"]
)
async def test_what_breaks_off_anywhere_is_taken_up_again_and_not_doubled(
    *, slack, notifier, database, drawn, root, target, fault
):
    slack.fault(target, fault)
    with pytest.raises(TransientDeliveryError):
        await notifier.deliver(picture_of(drawn, root))
    slack.sandbox.clock.advance(slack.sandbox.config.processing_seconds)

    async def ready():
        try:
            await notifier.deliver(picture_of(drawn, root, in_doubt=True))
        except TransientDeliveryError:
            slack.sandbox.clock.advance(slack.sandbox.config.processing_seconds)
        return await state(database, drawn) == PictureState.READY

    await eventually(ready)
    assert len(uploads(slack)) == 1


async def test_a_process_that_dies_after_the_upload_finds_it_again(slack, notifier, database, drawn, root):
    """What it had noted is all the next one knows: the file's id, but not that its bytes went out."""
    await upload(slack, notifier, drawn, root)
    async with database.write() as session:
        (await session.get_one(TriagePicture, drawn.id)).state = PictureState.DRAWN
        await session.commit()
    await notifier.deliver(picture_of(drawn, root, in_doubt=True))
    assert await state(database, drawn) == PictureState.READY
    assert len(uploads(slack)) == 1


async def test_without_the_scope_to_look_it_is_sent_as_a_file(slack, notifier, database, drawn, root):
    slack.sandbox.access.scopes.remove("files:read")
    await notifier.deliver(picture_of(drawn, root))
    assert await state(database, drawn) == PictureState.REFUSED
    assert await asked_for(database, MessageKind.PICTURE_FILE) == ({"run_id": drawn.id}, 1)
    await notifier.deliver(picture_file(drawn, root))
    shared = (await eventually(lambda: file_messages(slack, root)))[0]
    assert (shared["text"], shared["files"][0]["mimetype"] or "image/png") == (ALT_TEXT, "image/png")
    await notifier.deliver(picture_file(drawn, root, in_doubt=True))
    assert len(await file_messages(slack, root)) == 1


async def file_messages(slack, root):
    return [message for message in await slack.messages(thread_ts=root) if message.get("files")]


async def test_without_the_scope_to_upload_it_is_refused_for_good(slack, notifier, drawn, root):
    slack.sandbox.access.scopes.remove("files:write")
    with pytest.raises(PermanentDeliveryError, match="missing_scope"):
        await notifier.deliver(picture_of(drawn, root))


async def test_a_picture_that_slack_never_looks_at_is_sent_as_a_file(slack, notifier, database, drawn, root):
    with pytest.raises(TransientDeliveryError):
        await notifier.deliver(picture_of(drawn, root))
    (file,) = uploads(slack)
    slack.sandbox.workspace.files.process(file, seconds=3_600)
    with pytest.raises(TransientDeliveryError):
        await notifier.deliver(picture_of(drawn, root, in_doubt=True, attempts=pictures.MOST_ATTEMPTS - 1))
    await notifier.deliver(picture_of(drawn, root, in_doubt=True, attempts=pictures.MOST_ATTEMPTS))
    assert await asked_for(database, MessageKind.PICTURE_FILE) == ({"run_id": drawn.id}, 1)


async def test_a_message_refused_for_its_picture_goes_out_without_it(slack, notifier, database, drawn, root):
    await upload(slack, notifier, drawn, root)
    (file,) = uploads(slack)
    slack.sandbox.workspace.delete_file(file)
    ts = await notifier.deliver(triage_of(drawn, root))
    assert images((await slack.messages(thread_ts=root))[1]) == []
    assert await state(database, drawn) == PictureState.REFUSED
    assert await asked_for(database, MessageKind.PICTURE_FILE) == ({"run_id": drawn.id}, 1)
    await notifier.deliver(triage_of(drawn, root, message_ts=ts))
    assert len(await slack.messages(thread_ts=root)) == 2


async def test_blocks_refused_for_something_else_are_not_the_pictures_fault(slack, notifier, database, drawn, root):
    await upload(slack, notifier, drawn, root)
    slack.fault("chat.postMessage", "error", error="invalid_blocks")
    with pytest.raises(PermanentDeliveryError, match="invalid_blocks"):
        await notifier.deliver(triage_of(drawn, root))
    assert await state(database, drawn) == PictureState.READY


async def test_the_bytes_go_out_without_the_token(slack, notifier, drawn, root, monkeypatch):
    posted = []
    session = slack.client.session
    post = session.post
    monkeypatch.setattr(session, "post", lambda url, **facts: posted.append(facts) or post(url, **facts))
    with pytest.raises(TransientDeliveryError):
        await notifier.deliver(picture_of(drawn, root))
    assert posted == [{"data": PNG}]


async def test_a_run_without_a_picture_has_none_to_send(notifier, run, root):
    for message in (picture_of(run, root), picture_file(run, root)):
        with pytest.raises(PermanentDeliveryError, match="gone"):
            await notifier.deliver(message)
