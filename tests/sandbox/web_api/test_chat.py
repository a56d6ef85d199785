import asyncio

import pytest
from slack_sdk.errors import SlackApiError

# Slack's client warns of blocks without a text to fall back on; here they are meant.
pytestmark = pytest.mark.filterwarnings("ignore:The top-level `text` argument:UserWarning")

CHANNEL = "C0INCIDENTS"
SECTION = {"type": "section", "text": {"type": "mrkdwn", "text": "hello"}}
METADATA = {"event_type": "incident_card", "event_payload": {"incident": "INC-1"}}


async def refused(call, **arguments):
    """The error Slack's client raises for the call, with the whole answer."""
    with pytest.raises(SlackApiError) as caught:
        await call(**arguments)
    return caught.value.response


@pytest.mark.asyncio
async def test_a_message_is_posted_as_the_bots(api, people, sandbox):
    answer = await api.chat_postMessage(channel=CHANNEL, text="hello", blocks=[SECTION])
    [message] = await people.messages()
    assert answer["ts"] == message["ts"]
    assert message["bot_id"]
    assert message["blocks"][0]["block_id"]


@pytest.mark.asyncio
async def test_blocks_come_in_a_form_as_well(http, people, sandbox):
    form = {"token": sandbox.config.bot_token, "channel": "#incidents", "blocks": '[{"type": "divider"}]'}
    assert (await http.post("/api/chat.postMessage", data=form)).json()["ok"]
    assert (await people.messages())[0]["blocks"][0]["type"] == "divider"


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"channel": "C0NOWHERE", "text": "a"}, "channel_not_found"),
        ({"channel": "C0GENERAL", "text": "a"}, "not_in_channel"),
        ({"channel": CHANNEL}, "no_text"),
        ({"channel": CHANNEL, "text": ""}, "no_text"),
        ({"channel": CHANNEL, "text": "a", "thread_ts": "1.000000"}, "thread_not_found"),
        ({"channel": CHANNEL, "text": "a", "blocks": '{"type'}, "invalid_blocks_format"),
        (
            {"channel": CHANNEL, "blocks": [{**SECTION, "text": {"type": "mrkdwn", "text": "x" * 3000}}] * 5},
            "msg_blocks_too_long",
        ),
        ({"channel": CHANNEL, "text": "a", "metadata": {"event_type": "a"}}, "invalid_metadata_format"),
        ({"channel": CHANNEL, "markdown_text": "x" * 12_001}, "msg_too_long"),
    ],
)
async def test_what_cannot_be_posted(api, people, arguments, error):
    assert (await refused(api.chat_postMessage, **arguments))["error"] == error
    assert await people.messages() == []


@pytest.mark.asyncio
async def test_an_archived_channel_takes_nothing(api, people):
    await people.post("settings", channel_archived={"channel": CHANNEL, "archived": True})
    assert (await refused(api.chat_postMessage, channel=CHANNEL, text="a"))["error"] == "is_archived"


@pytest.mark.asyncio
async def test_invalid_blocks_point_at_every_fault(api):
    long_text = {**SECTION, "text": {"type": "mrkdwn", "text": "x" * 3001}}
    answer = await refused(api.chat_postMessage, channel=CHANNEL, blocks=[SECTION, long_text, {"type": "header"}])
    assert answer["error"] == "invalid_blocks"
    assert answer["errors"] == [
        "must be less than 3001 characters [json-pointer:/blocks/1/text/text]",
        "missing required field: text [json-pointer:/blocks/2]",
    ]
    assert answer["response_metadata"]["messages"] == [f"[ERROR] {error}" for error in answer["errors"]]


@pytest.mark.asyncio
async def test_long_text_is_cut_on_post_and_refused_on_update(api, people):
    posted = await api.chat_postMessage(channel=CHANNEL, text="x" * 50_000)
    assert len((await people.messages())[0]["text"]) == 40_000
    assert (await refused(api.chat_update, channel=CHANNEL, ts=posted["ts"], text="x" * 4001))[
        "error"
    ] == "msg_too_long"


@pytest.mark.asyncio
async def test_update_with_text_alone_removes_the_blocks(api, people):
    posted = await api.chat_postMessage(channel=CHANNEL, text="a", blocks=[SECTION])
    await api.chat_update(channel=CHANNEL, ts=posted["ts"], text="b")
    [message] = await people.messages()
    assert message["text"] == "b"
    assert "blocks" not in message
    assert message["edited"]["user"] == message["user"]


@pytest.mark.asyncio
async def test_only_the_bots_own_messages_can_be_changed(api, people):
    message = await people.say("mine")
    assert (await refused(api.chat_update, channel=CHANNEL, ts=message["ts"], text="b"))[
        "error"
    ] == "cant_update_message"
    assert (await refused(api.chat_delete, channel=CHANNEL, ts=message["ts"]))["error"] == "cant_delete_message"
    assert (await refused(api.chat_update, channel=CHANNEL, ts="1.000000", text="b"))["error"] == "message_not_found"


@pytest.mark.asyncio
async def test_metadata_is_kept_and_only_returned_when_asked_for(api):
    posted = await api.chat_postMessage(channel=CHANNEL, text="card", metadata=METADATA)
    plain = await api.conversations_replies(channel=CHANNEL, ts=posted["ts"])
    assert "metadata" not in plain["messages"][0]
    full = await api.conversations_replies(channel=CHANNEL, ts=posted["ts"], include_all_metadata=True)
    assert full["messages"][0]["metadata"] == METADATA
    await api.chat_update(channel=CHANNEL, ts=posted["ts"], text="changed")
    history = await api.conversations_history(channel=CHANNEL, include_all_metadata=True)
    assert history["messages"][0]["metadata"] == METADATA


@pytest.mark.asyncio
async def test_an_ephemeral_message_is_for_its_reader_alone(api, people):
    answer = await api.chat_postEphemeral(channel=CHANNEL, user="U0ALICE", text="psst")
    [seen] = await people.messages()
    assert (seen["ts"], seen["ephemeral_to"]) == (answer["message_ts"], "U0ALICE")
    assert await people.messages(user="U0BOB") == []
    assert (await api.conversations_history(channel=CHANNEL))["messages"] == []
    gone = await refused(api.chat_update, channel=CHANNEL, ts=answer["message_ts"], text="b")
    assert gone["error"] == "message_not_found"
    stranger = await refused(api.chat_postEphemeral, channel=CHANNEL, user="U0NOBODY", text="psst")
    assert stranger["error"] == "user_not_in_channel"


@pytest.mark.asyncio
async def test_a_permalink_leads_into_the_page(api, http):
    root = await api.chat_postMessage(channel=CHANNEL, text="root")
    reply = await api.chat_postMessage(channel=CHANNEL, text="reply", thread_ts=root["ts"])
    permalink = (await api.chat_getPermalink(channel=CHANNEL, message_ts=reply["ts"]))["permalink"]
    assert f"thread_ts={root['ts']}" in permalink
    assert (await http.get(permalink)).headers["location"] == f"/#/{CHANNEL}/{root['ts']}"
    root_link = (await api.chat_getPermalink(channel=CHANNEL, message_ts=root["ts"]))["permalink"]
    assert (await http.get(root_link)).headers["location"] == f"/#/{CHANNEL}/{root['ts']}"


@pytest.mark.asyncio
async def test_an_address_without_its_thread_leads_there_as_well(api, http):
    root = await api.chat_postMessage(channel=CHANNEL, text="root")
    reply = await api.chat_postMessage(channel=CHANNEL, text="reply", thread_ts=root["ts"])
    bare = f"/archives/{CHANNEL}/p{reply['ts'].replace('.', '')}"
    assert (await http.get(bare)).headers["location"] == f"/#/{CHANNEL}/{root['ts']}"
    assert (await http.get(f"/archives/{CHANNEL}")).headers["location"] == f"/#/{CHANNEL}"
    gone = await http.get(f"/archives/{CHANNEL}/p1700000000000001?thread_ts=1700000000.000000/../x")
    assert gone.headers["location"] == f"/#/{CHANNEL}/1700000000.000000%2F..%2Fx"


@pytest.mark.asyncio
async def test_a_reply_is_no_root(api):
    root = await api.chat_postMessage(channel=CHANNEL, text="root")
    reply = await api.chat_postMessage(channel=CHANNEL, text="reply", thread_ts=root["ts"])
    answer = await refused(api.chat_postMessage, channel=CHANNEL, text="a", thread_ts=reply["ts"])
    assert answer["error"] == "cannot_reply_to_message"


@pytest.mark.asyncio
async def test_a_deleted_root_leaves_a_tombstone_and_its_thread(api, people):
    root = await api.chat_postMessage(channel=CHANNEL, text="root")
    await people.say("reply", thread_ts=root["ts"])
    await api.chat_delete(channel=CHANNEL, ts=root["ts"])
    messages = (await api.conversations_replies(channel=CHANNEL, ts=root["ts"]))["messages"]
    assert [message.get("subtype") for message in messages] == ["tombstone", None]
    assert (await refused(api.chat_update, channel=CHANNEL, ts=root["ts"], text="a"))["error"] == "message_not_found"


@pytest.mark.asyncio
async def test_a_users_id_stands_for_the_direct_conversation(api, people):
    answer = await api.chat_postMessage(channel="U0BOB", text="hello bob")
    assert answer["channel"].startswith("D")
    assert [each["text"] for each in await people.messages(channel=answer["channel"], user="U0BOB")] == ["hello bob"]
    await people.get("messages", expecting=404, channel=answer["channel"], user="U0ALICE")


@pytest.mark.asyncio
async def test_posting_faster_than_slack_allows(api):
    posts = (api.chat_postMessage(channel=CHANNEL, text="again") for _ in range(10))
    answers = await asyncio.gather(*posts, return_exceptions=True)
    refusals = [answer.response for answer in answers if isinstance(answer, SlackApiError)]
    assert len(refusals) >= 5
    assert refusals[0].status_code == 429
    assert refusals[0].headers["Retry-After"] == "1"
