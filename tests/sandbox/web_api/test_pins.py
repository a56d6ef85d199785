import pytest

CHANNEL = "C0INCIDENTS"


@pytest.mark.asyncio
async def test_a_pinned_message_says_so_until_it_is_unpinned(api, people):
    message = await people.say("keep this")
    await api.pins_add(channel=CHANNEL, timestamp=message["ts"])
    [kept] = (await api.conversations_history(channel=CHANNEL))["messages"]
    assert kept["pinned_to"] == [CHANNEL]
    assert (await people.messages())[0]["pinned_to"] == [CHANNEL]
    await api.pins_remove(channel=CHANNEL, timestamp=message["ts"])
    assert "pinned_to" not in (await people.messages())[0]


@pytest.mark.asyncio
async def test_a_deleted_message_is_pinned_no_more(api, people):
    root = await people.say("keep this")
    await people.say("a reply", thread_ts=root["ts"])
    await api.pins_add(channel=CHANNEL, timestamp=root["ts"])
    await people.post("delete", channel=CHANNEL, ts=root["ts"])
    assert (await api.pins_list(channel=CHANNEL))["items"] == []
    assert (await api.conversations_history(channel=CHANNEL))["pin_count"] == 0
