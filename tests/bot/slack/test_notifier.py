"""Messages reach Slack once: posted, edited, found again after an answer was lost, or refused for good."""

import contextlib
from dataclasses import replace
from datetime import timedelta

import pytest
import pytest_asyncio

from bot.slack import lookup
from models.base import utc_now
from models.messaging import MessageKind
from models.schemas.report import Report
from models.triage import RunState, TriageReport, TriageRun
from services.errors import PermanentDeliveryError, RateLimited, ThreadGone, TransientDeliveryError
from services.incidents import incident_service
from tests.bot.slack.blocks import stories
from tests.bot.slack.envelopes import envelope
from tests.support.running_bot import eventually
from tests.support.workplace import ALICE, BOB, INCIDENTS, text_of

pytestmark = pytest.mark.asyncio

GENERAL = "C0GENERAL"  # the bot is not in it


def card_of(incident, **changes):
    return envelope(MessageKind.CARD, incident.id, **changes)


def reply(text="hello", **changes):
    return envelope(MessageKind.REPLY, payload={"text": text}, **changes)


async def test_a_card_is_posted_with_its_key_and_can_be_edited(database, slack, notifier, incident):
    ts = await notifier.deliver(card_of(incident))
    (card,) = await slack.messages()
    assert (card["ts"], card["text"]) == (ts, "INC-1 triggered: checkout is failing")
    assert card["metadata"] == {
        "event_type": lookup.EVENT_TYPE,
        "event_payload": {"key": f"card:{incident.id}"},
    }
    async with database.write() as session:
        acknowledged = await incident_service.get_incident(session, incident.id)
        await incident_service.acknowledge_incident(session, acknowledged, actor=BOB, source="slack")
        await session.commit()
    assert await notifier.deliver(card_of(incident, message_ts=ts)) == ts
    (card,) = await slack.messages()
    assert "INC-1 acknowledged" in card["text"]
    assert f"Acknowledged by <@{BOB}>" in text_of(card)


async def test_a_triage_message_goes_into_the_thread(slack, notifier, incident, run):
    root = await notifier.deliver(card_of(incident))
    ts = await notifier.deliver(envelope(MessageKind.TRIAGE, incident.id, thread_ts=root))
    thread = await slack.messages(thread_ts=root)
    assert [message["ts"] for message in thread] == [root, ts]
    assert "Nothing abnormal found" in text_of(thread[1])


@pytest.mark.parametrize("fault", ["lost", "truncated"])
@pytest.mark.parametrize("kind", [MessageKind.CARD, MessageKind.TRIAGE, MessageKind.REPLY])
@pytest.mark.usefixtures("run")
async def test_a_post_whose_answer_was_lost_is_found_and_not_doubled(slack, notifier, incident, kind, fault):
    thread_ts = None if kind == MessageKind.CARD else await slack.say("the thread's root")
    message = envelope(kind, incident.id, thread_ts=thread_ts, payload={"text": "hello"})
    slack.fault("chat.postMessage", fault)
    with pytest.raises(TransientDeliveryError):
        await notifier.deliver(message)
    again = envelope(kind, incident.id, thread_ts=thread_ts, payload={"text": "hello"}, in_doubt=True)
    ts = await notifier.deliver(again)
    shown = await slack.messages(**({"thread_ts": thread_ts} if thread_ts else {}))
    ours = [each["ts"] for each in shown if each["user"] != ALICE]
    assert ours == [ts]


async def test_a_post_that_never_arrived_is_posted(slack, notifier):
    slack.fault("chat.postMessage", "reset")
    with pytest.raises(TransientDeliveryError):
        await notifier.deliver(reply())
    assert await slack.messages() == []
    ts = await notifier.deliver(reply(in_doubt=True))
    assert [message["ts"] for message in await slack.messages()] == [ts]


async def test_another_message_with_the_same_text_is_not_taken_for_it(slack, notifier):
    one = await notifier.deliver(envelope(MessageKind.REPLY, "one", payload={"text": "hello"}))
    other = await notifier.deliver(envelope(MessageKind.REPLY, "other", payload={"text": "hello"}, in_doubt=True))
    assert one != other
    assert len(await slack.messages()) == 2


async def test_a_lost_reply_is_found_beyond_the_first_page_of_a_long_thread(slack, notifier, monkeypatch):
    monkeypatch.setattr(lookup, "PAGE_LIMIT", 5)
    root = await slack.say("the thread's root")
    workspace = slack.sandbox.workspace
    for number in range(12):
        workspace.post(workspace.channels[INCIDENTS], ALICE, f"chatter {number}", thread_ts=root)
    slack.fault("chat.postMessage", "lost")
    with pytest.raises(TransientDeliveryError):
        await notifier.deliver(reply(thread_ts=root))
    await notifier.deliver(reply(thread_ts=root, in_doubt=True))
    assert [m["text"] for m in await slack.messages(thread_ts=root)].count("hello") == 1
    assert slack.calls("conversations.replies") == 3


async def test_an_edit_whose_answer_was_lost_is_made_again(slack, notifier, incident):
    ts = await notifier.deliver(card_of(incident))
    slack.fault("chat.update", "lost")
    with pytest.raises(TransientDeliveryError):
        await notifier.deliver(card_of(incident, message_ts=ts))
    assert await notifier.deliver(card_of(incident, message_ts=ts)) == ts
    assert len(await slack.messages()) == 1


async def test_a_rate_limit_says_how_long_to_wait(slack, notifier):
    slack.fault("chat.postMessage", "status", status=429, retry_after_seconds=7)
    with pytest.raises(RateLimited) as limited:
        await notifier.deliver(reply())
    assert limited.value.retry_after_seconds == 7
    assert await slack.messages() == []


async def test_a_channel_takes_about_one_message_a_second(slack, notifier):
    async def hurry():
        for number in range(20):
            await notifier.deliver(reply(f"message {number}"))

    with pytest.raises(RateLimited) as limited:
        await hurry()
    assert 0 < limited.value.retry_after_seconds <= 1
    posted = len(await slack.messages())
    assert slack.calls("chat.postMessage") == posted  # Slack never had to say so

    async def is_taken():
        with contextlib.suppress(RateLimited):
            return await notifier.deliver(reply("after the wait"))

    await eventually(is_taken)
    assert len(await slack.messages()) == posted + 1


async def test_an_archived_channel_is_refused_for_good(slack, notifier, incident):
    archived = {"channel_archived": {"channel": INCIDENTS, "archived": True}}
    await slack.people.post("/people/settings", json=archived)
    with pytest.raises(PermanentDeliveryError, match="is_archived"):
        await notifier.deliver(card_of(incident))


async def test_an_unknown_channel_is_refused_for_good(slack, notifier):
    with pytest.raises(PermanentDeliveryError, match="channel_not_found"):
        await notifier.deliver(reply(channel="C0NOWHERE"))


async def test_a_public_channel_is_joined_where_the_bot_is_not_in_it(slack, notifier):
    ts = await notifier.deliver(reply(channel=GENERAL))
    assert [message["ts"] for message in await slack.messages(channel=GENERAL)][-1] == ts
    assert slack.calls("conversations.join") == 1
    await notifier.deliver(reply("again", channel=GENERAL))
    assert slack.calls("conversations.join") == 1


async def test_without_the_scope_to_join_it_is_refused_for_good(slack, notifier):
    slack.sandbox.access.scopes.remove("channels:join")
    with pytest.raises(PermanentDeliveryError, match="missing_scope"):
        await notifier.deliver(reply(channel=GENERAL))


async def test_blocks_that_slack_refuses_are_refused_for_good(slack, notifier, incident):
    slack.fault("chat.postMessage", "error", error="invalid_blocks")
    with pytest.raises(PermanentDeliveryError, match="invalid_blocks"):
        await notifier.deliver(card_of(incident))


async def test_what_is_gone_cannot_be_shown(slack, notifier):
    for kind in (MessageKind.CARD, MessageKind.TRIAGE):
        with pytest.raises(PermanentDeliveryError, match="gone"):
            await notifier.deliver(envelope(kind, "01NOTHING"))
    with pytest.raises(PermanentDeliveryError, match="gone"):
        await notifier.deliver(envelope(MessageKind.REPORT_FILE, "01NOTHING", payload={"run_id": "01NOTHING"}))
    assert await slack.messages() == []


async def test_a_whisper_is_for_one_person(slack, notifier):
    payload = {"user": BOB, "text": "only for you"}
    assert await notifier.deliver(envelope(MessageKind.EPHEMERAL, payload=payload))
    assert [message["text"] for message in await slack.messages(user=BOB)] == ["only for you"]
    assert await slack.messages(user=ALICE) == []


# What people delete, and what is too long


async def test_a_reply_of_ours_that_was_deleted_is_posted_anew(slack, notifier, incident, run):
    root = await notifier.deliver(card_of(incident))
    ts = await notifier.deliver(envelope(MessageKind.TRIAGE, incident.id, thread_ts=root))
    await slack.client.chat_delete(channel=INCIDENTS, ts=ts)
    anew = await notifier.deliver(envelope(MessageKind.TRIAGE, incident.id, thread_ts=root, message_ts=ts))
    assert [message["ts"] for message in await slack.messages(thread_ts=root)] == [root, anew]


async def test_a_deleted_card_is_posted_anew_in_its_thread(slack, notifier, incident):
    root = await notifier.deliver(card_of(incident))
    await notifier.deliver(reply("keeps the thread", thread_ts=root))
    await slack.client.chat_delete(channel=INCIDENTS, ts=root)
    anew = await notifier.deliver(card_of(incident, thread_ts=root, message_ts=root))
    thread = await slack.messages(thread_ts=root)
    assert [message["text"] for message in thread[1:]] == ["keeps the thread", "INC-1 triggered: checkout is failing"]
    assert await notifier.deliver(card_of(incident, thread_ts=root, message_ts=anew)) == anew


async def test_a_message_that_nobody_may_edit_any_more_is_posted_anew(slack, notifier, incident):
    """Though the old one has the same key and is still there."""
    root = await notifier.deliver(card_of(incident))
    slack.fault("chat.update", "error", error="edit_window_closed")
    anew = await notifier.deliver(card_of(incident, thread_ts=root, message_ts=root, in_doubt=True))
    assert anew != root
    assert [message["ts"] for message in await slack.messages(thread_ts=root)] == [root, anew]


async def test_what_is_posted_anew_and_whose_answer_is_lost_is_found(slack, notifier, incident):
    root = await notifier.deliver(card_of(incident))
    await notifier.deliver(reply("keeps the thread", thread_ts=root))
    await slack.client.chat_delete(channel=INCIDENTS, ts=root)
    slack.fault("chat.postMessage", "lost")
    with pytest.raises(TransientDeliveryError):
        await notifier.deliver(card_of(incident, thread_ts=root, message_ts=root))
    await notifier.deliver(card_of(incident, thread_ts=root, message_ts=root, in_doubt=True))
    assert len(await slack.messages(thread_ts=root)) == 3


async def test_a_thread_that_is_gone_is_said_to_be(slack, notifier, incident):
    root = await notifier.deliver(card_of(incident))
    await slack.client.chat_delete(channel=INCIDENTS, ts=root)
    for message in (reply(thread_ts=root), card_of(incident, thread_ts=root, message_ts=root)):
        with pytest.raises(ThreadGone):
            await notifier.deliver(message)
    assert await slack.messages() == []


async def test_a_reply_that_slack_shows_outside_of_the_lost_thread_is_withdrawn(slack, notifier, monkeypatch):
    """People report that Slack does so where the root was deleted a moment ago; the sandbox refuses, as documented."""
    root = await slack.say("the thread's root")
    monkeypatch.setattr("sandbox.web_api.call.Call.thread", lambda _call, _channel: None)
    with pytest.raises(ThreadGone):
        await notifier.deliver(reply(thread_ts=root))
    assert [message["text"] for message in await slack.messages()] == ["the thread's root"]


@pytest.mark.parametrize("error", ["msg_too_long", "msg_blocks_too_long"])
@pytest.mark.parametrize("call", ["chat.postMessage", "chat.update"])
async def test_what_is_too_long_is_shown_as_a_sentence(*, slack, notifier, incident, call, error):
    ts = await notifier.deliver(card_of(incident)) if call == "chat.update" else None
    slack.fault(call, "error", error=error)
    await notifier.deliver(card_of(incident, message_ts=ts))
    (card,) = await slack.messages()
    assert card["text"].startswith("INC-1 triggered")
    assert "blocks" not in card


async def test_what_is_too_long_even_so_is_refused_for_good(slack, notifier, incident):
    slack.fault("chat.postMessage", "error", error="msg_too_long", count=2)
    with pytest.raises(PermanentDeliveryError, match="msg_too_long"):
        await notifier.deliver(card_of(incident))


async def test_a_lost_card_is_found_beyond_the_newest_hundred_messages(slack, notifier, incident):
    slack.fault("chat.postMessage", "lost")
    with pytest.raises(TransientDeliveryError):
        await notifier.deliver(card_of(incident))
    workspace = slack.sandbox.workspace
    for number in range(lookup.PAGE_LIMIT + 50):
        workspace.post(workspace.channels[INCIDENTS], ALICE, f"chatter {number}")
    await notifier.deliver(card_of(incident, in_doubt=True))
    assert [message["text"] for message in await slack.messages()].count("INC-1 triggered: checkout is failing") == 1
    assert slack.calls("conversations.history") == 2


async def test_what_is_older_than_the_doubt_is_not_read(slack, notifier, incident):
    workspace = slack.sandbox.workspace
    for number in range(lookup.PAGE_LIMIT + 50):
        workspace.post(workspace.channels[INCIDENTS], ALICE, f"chatter {number}")
    slack.sandbox.clock.advance(lookup.MARGIN.total_seconds() + 60)
    in_doubt_since = utc_now() + lookup.MARGIN + timedelta(seconds=60)
    await notifier.deliver(replace(card_of(incident), in_doubt_since=in_doubt_since))
    assert slack.calls("conversations.history") == 1


# What a further upload changed


@pytest_asyncio.fixture
async def change(database, incident, run):
    """The message about a run in which a file was read that holds a failure; `run` found nothing."""
    found = stories.finding(title="`db` <!channel> *down*", evidence=[stories.evidence(file="db.log", line=9)])
    report = stories.report(findings=[found], files=[stories.file(name="db.log")], onset=None)
    async with database.write() as session:
        later = TriageRun(incident_id=incident.id, number=2, requested_by=ALICE, state=RunState.SUCCEEDED)
        session.add(later)
        await session.flush()
        session.add(TriageReport(run_id=later.id, body=report.to_body()))
        await session.commit()
    return {"run_id": later.id, "former_run_id": run.id}


async def test_what_changed_is_one_line_in_which_a_log_is_only_words(slack, notifier, incident, change):
    root = await notifier.deliver(card_of(incident))
    await notifier.deliver(envelope(MessageKind.CHANGE, incident.id, thread_ts=root, payload=change))
    told = (await slack.messages(thread_ts=root))[1]["text"]
    assert told == "Cause found: `ʼdbʼ &lt;!channel&gt; *down*` (likely 74%) at `db.log:9`."


async def test_what_changed_is_said_once_though_its_answer_was_lost(slack, notifier, incident, change):
    root = await notifier.deliver(card_of(incident))
    slack.fault("chat.postMessage", "lost")
    with pytest.raises(TransientDeliveryError):
        await notifier.deliver(envelope(MessageKind.CHANGE, incident.id, thread_ts=root, payload=change))
    await notifier.deliver(envelope(MessageKind.CHANGE, incident.id, thread_ts=root, payload=change, in_doubt=True))
    assert len(await slack.messages(thread_ts=root)) == 2


async def test_what_changed_cannot_be_said_of_reports_that_are_gone(slack, notifier, incident, change):
    with pytest.raises(PermanentDeliveryError, match="gone"):
        await notifier.deliver(envelope(MessageKind.CHANGE, incident.id, payload=change | {"run_id": "01NOTHING"}))
    assert await slack.messages() == []


# The report file


def report_of(incident, run, root, **changes):
    return envelope(
        MessageKind.REPORT_FILE, incident.id, thread_ts=root, payload={"run_id": run.id, **changes.pop("payload", {})},
        **changes,
    )  # fmt: skip


async def files_in(slack, root):
    """The names in the thread, once there are any: Slack shares an upload a little after it took it."""

    async def shared():
        return [f["name"] for m in await slack.messages(thread_ts=root) for f in m.get("files", [])]

    return await eventually(shared)


async def test_the_report_goes_along_as_two_files_of_one_message(slack, notifier, incident, run):
    root = await notifier.deliver(card_of(incident))
    await notifier.deliver(report_of(incident, run, root))
    stem = f"INC-1-triage-{run.id[-6:]}"
    assert await files_in(slack, root) == [f"{stem}.md", f"{stem}.json"]
    thread = await slack.messages(thread_ts=root)
    assert len(thread) == 2
    ids = [file["id"] for file in thread[1]["files"]]
    markdown, as_json = [(await slack.people.get(f"/people/file/{file_id}")).content for file_id in ids]
    assert markdown.decode().startswith("# Triage of INC-1: checkout is failing\n")
    assert Report.from_json(as_json).stats.engine_version == "test"
