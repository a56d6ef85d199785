import pytest
from slack_sdk.errors import SlackApiError

CHANNEL = "C0INCIDENTS"


async def refusal(awaitable):
    with pytest.raises(SlackApiError) as caught:
        await awaitable
    return caught.value.response["error"]


async def paged(call, key, **arguments):
    """Everything, two at a time, following the cursor as the client library does."""
    found, pages = [], 0
    async for page in await call(limit=2, **arguments):
        found += page[key]
        pages += 1
    return found, pages


@pytest.mark.asyncio
async def test_channels_are_listed_in_pages(api):
    channels, pages = await paged(api.conversations_list, "channels")
    assert [channel["name"] for channel in channels] == ["incidents", "payments", "general"]
    assert [channel["is_member"] for channel in channels] == [True, True, False]
    assert pages == 2


@pytest.mark.asyncio
async def test_the_topic_invites_to_try(api):
    topic = (await api.conversations_info(channel=CHANNEL))["channel"]["topic"]["value"]
    assert "/incident" in topic
    assert "logs" in topic


@pytest.mark.asyncio
async def test_history_has_roots_newest_first_and_no_replies(api, people):
    first = await people.say("first")
    await people.say("a reply", thread_ts=first["ts"])
    await people.say("second")
    history = (await api.conversations_history(channel=CHANNEL))["messages"]
    assert [message["text"] for message in history] == ["second", "first"]
    assert history[1]["reply_count"] == 1
    assert history[1]["thread_ts"] == first["ts"]


@pytest.mark.asyncio
async def test_replies_start_with_the_root_and_come_in_pages(api, people):
    root = await people.say("root")
    for number in range(4):
        await people.say(f"reply {number}", thread_ts=root["ts"])
    messages, pages = await paged(api.conversations_replies, "messages", channel=CHANNEL, ts=root["ts"])
    assert [message["text"] for message in messages] == ["root", *(f"reply {number}" for number in range(4))]
    assert pages == 3


@pytest.mark.asyncio
async def test_history_between_two_moments(api, people):
    stamps = [(await people.say(str(number)))["ts"] for number in range(4)]
    between = await api.conversations_history(channel=CHANNEL, oldest=stamps[0], latest=stamps[3])
    assert [message["text"] for message in between["messages"]] == ["2", "1"]
    inclusive = await api.conversations_history(channel=CHANNEL, oldest=stamps[0], latest=stamps[3], inclusive=True)
    assert [message["text"] for message in inclusive["messages"]] == ["3", "2", "1", "0"]


@pytest.mark.asyncio
async def test_what_cannot_be_read(api, people):
    assert await refusal(api.conversations_replies(channel=CHANNEL, ts="1.000000")) == "thread_not_found"
    assert await refusal(api.conversations_history(channel="C0GENERAL")) == "not_in_channel"
    assert await refusal(api.conversations_history(channel="C0")) == "channel_not_found"
    assert await refusal(api.conversations_list(cursor="???")) == "invalid_cursor"
    assert await refusal(api.conversations_list(limit="many")) == "invalid_limit"


@pytest.mark.asyncio
async def test_joining_and_members(api):
    assert (await api.conversations_join(channel="C0GENERAL"))["channel"]["is_member"]
    assert (await api.conversations_join(channel="C0GENERAL"))["warning"] == "already_in_channel"
    members = (await api.conversations_members(channel="C0GENERAL"))["members"]
    assert len(members) == 5


@pytest.mark.asyncio
async def test_a_direct_conversation_is_opened_once(api):
    first = (await api.conversations_open(users="U0BOB"))["channel"]["id"]
    assert (await api.conversations_open(users=["U0BOB"]))["channel"]["id"] == first
    assert await refusal(api.conversations_open(users="U0NOBODY")) == "user_not_found"
    assert (await api.conversations_info(channel=first))["channel"]["user"] == "U0BOB"
