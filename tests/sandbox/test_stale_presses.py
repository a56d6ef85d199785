"""A person's client draws an edit a little later: until then they press what the message showed before."""

import pytest

CHANNEL = "C0INCIDENTS"


def card(text, *buttons):
    plain = {"type": "plain_text", "text": text}
    elements = [{"type": "button", "action_id": name, "value": value, "text": plain} for name, value in buttons]
    section = {"type": "section", "text": {"type": "mrkdwn", "text": text}}
    return [section, *([{"type": "actions", "block_id": "card", "elements": elements}] if elements else [])]


async def posted(api, *versions):
    """The ts of a message that has shown `versions`, one after the other."""
    first, *later = versions
    ts = (await api.chat_postMessage(channel=CHANNEL, text="card", blocks=first))["ts"]
    for blocks in later:
        await api.chat_update(channel=CHANNEL, ts=ts, text="card", blocks=blocks)
    return ts


async def press(people, ts, action_id, **more):
    return await people.post("action", channel=CHANNEL, ts=ts, block_id="card", action_id=action_id, **more)


def pressed(app):
    payload = app.deliveries[-1].payload
    shown = payload["message"]["blocks"][0]["text"]["text"]
    return shown, payload["actions"][0]["value"]


@pytest.mark.asyncio
async def test_a_button_that_is_gone_is_pressed_on_the_version_that_had_it(app, people, api):
    ts = await posted(api, card("triggered", ("acknowledge", "1")), card("acknowledged", ("resolve", "1")))
    assert await press(people, ts, "acknowledge") == {"ok": True}
    assert pressed(app) == ("triggered", "1")
    assert app.deliveries[-1].payload["container"]["message_ts"] == ts
    assert await press(people, ts, "resolve") == {"ok": True}
    assert pressed(app) == ("acknowledged", "1")


@pytest.mark.asyncio
async def test_a_button_with_another_value_now_is_pressed_with_the_value_it_had(app, people, api):
    ts = await posted(api, card("first", ("acknowledge", "v1")), card("second", ("acknowledge", "v2")))
    await press(people, ts, "acknowledge", value="v1")
    assert pressed(app) == ("first", "v1")
    await press(people, ts, "acknowledge", value="v2")
    assert pressed(app) == ("second", "v2")
    await press(people, ts, "acknowledge")
    assert pressed(app) == ("second", "v2")


@pytest.mark.asyncio
async def test_a_button_of_long_ago_is_gone(app, people, api):
    versions = [card("triggered", ("acknowledge", "1")), *(card(f"edit {number}") for number in range(6))]
    ts = await posted(api, *versions[:6])
    assert (await press(people, ts, "acknowledge"))["ok"]
    await api.chat_update(channel=CHANNEL, ts=ts, text="card", blocks=versions[6])
    assert (await press(people, ts, "acknowledge"))["error"] == "element_not_found"


@pytest.mark.asyncio
async def test_a_button_of_a_message_that_lost_its_blocks(app, people, api):
    ts = await posted(api, card("triggered", ("acknowledge", "1")))
    await api.chat_update(channel=CHANNEL, ts=ts, text="withdrawn")
    assert (await press(people, ts, "acknowledge"))["ok"]
    assert pressed(app) == ("triggered", "1")
