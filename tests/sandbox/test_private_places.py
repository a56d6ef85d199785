"""The private channel and direct messages: there for their members alone, and for the app once it is let in."""

import pytest
from slack_sdk.errors import SlackApiError

from sandbox.directory import BOT_USER_ID
from tests.sandbox.recording_app import until

PRIVATE = "C0PRIVATE"


async def refusal(awaitable):
    with pytest.raises(SlackApiError) as caught:
        await awaitable
    return caught.value.response["error"]


async def invite(people):
    assert (await people.post("command", channel=PRIVATE, command="/invite", text="@Triage"))["ok"]


async def names_of(pages):
    return [channel["name"] for channel in pages["channels"]]


@pytest.mark.asyncio
async def test_a_private_channel_exists_for_its_members_alone(people):
    await people.say("between us", channel=PRIVATE)
    assert [each["text"] for each in await people.messages(channel=PRIVATE, user="U0BOB")] == ["between us"]
    await people.get("messages", expecting=404, channel=PRIVATE, user="U0CAROL")
    await people.post("messages", expecting=404, channel=PRIVATE, user="U0CAROL", text="let me in")
    state = await people.get("state", user="U0CAROL")
    assert PRIVATE not in [channel["id"] for channel in state["channels"]]


@pytest.mark.asyncio
async def test_to_the_app_it_does_not_exist_before_the_app_is_invited(api, people, sandbox):
    root = await people.say("root", channel=PRIVATE)
    assert await refusal(api.chat_postMessage(channel=PRIVATE, text="hello")) == "channel_not_found"
    assert await refusal(api.chat_postMessage(channel="#incidents-private", text="hello")) == "channel_not_found"
    assert await refusal(api.conversations_info(channel=PRIVATE)) == "channel_not_found"
    assert await refusal(api.conversations_replies(channel=PRIVATE, ts=root["ts"])) == "channel_not_found"
    assert await refusal(api.conversations_join(channel=PRIVATE)) == "channel_not_found"
    assert await names_of(await api.conversations_list(types="private_channel")) == []
    await invite(people)
    assert (await api.chat_postMessage(channel=PRIVATE, text="hello"))["ok"]
    assert (await api.conversations_info(channel=PRIVATE))["channel"]["is_private"]
    assert await names_of(await api.conversations_list(types="private_channel")) == ["incidents-private"]


@pytest.mark.asyncio
async def test_its_messages_are_events_of_a_group(app, people):
    await people.say("before", channel=PRIVATE)
    await invite(people)
    await people.say("@Triage after", channel=PRIVATE)
    await until(lambda: app.of_type("app_mention") and app.of_type("message"))
    [message] = app.of_type("message")
    assert (message["text"], message["channel_type"]) == (f"<@{BOT_USER_ID}> after", "group")
    [joined] = app.of_type("member_joined_channel")
    assert (joined["channel"], joined["channel_type"], joined["inviter"]) == (PRIVATE, "G", "U0ALICE")


@pytest.mark.asyncio
async def test_its_events_and_its_history_need_the_scopes_of_groups(app, api, people, sandbox):
    sandbox.access.scopes[:] = [scope for scope in sandbox.access.scopes if not scope.startswith("groups:")]
    await invite(people)
    root = await people.say("@Triage unheard", channel=PRIVATE)
    assert await refusal(api.conversations_replies(channel=PRIVATE, ts=root["ts"])) == "missing_scope"
    await until(lambda: app.of_type("app_mention") and not sandbox.deliveries.pending)
    assert [event["type"] for event in app.events] == ["app_mention"]


@pytest.mark.asyncio
async def test_archiving_it_is_an_event_of_a_group(app, people):
    await invite(people)
    await people.post("settings", channel_archived={"channel": PRIVATE, "archived": True})
    await until(lambda: app.of_type("group_archive"))


@pytest.mark.asyncio
async def test_payloads_do_not_name_it(app, people, api):
    await people.post("command", channel=PRIVATE, command="/incident", text="")
    assert (app.deliveries[-1].payload["channel_id"], app.deliveries[-1].payload["channel_name"]) == (
        PRIVATE,
        "privategroup",
    )
    direct = (await api.conversations_open(users="U0ALICE"))["channel"]["id"]
    await people.post("command", channel=direct, command="/incident", text="")
    assert app.deliveries[-1].payload["channel_name"] == "directmessage"


@pytest.mark.asyncio
async def test_posting_to_a_person_needs_no_scope_but_that_for_posting(api, people, sandbox):
    sandbox.access.scopes[:] = ["chat:write"]
    first = await api.chat_postMessage(channel="U0BOB", text="hello bob")
    again = await api.chat_postMessage(channel="U0BOB", text="me again")
    assert first["channel"] == again["channel"]
    assert first["channel"].startswith("D")
    shown = await people.messages(channel=first["channel"], user="U0BOB")
    assert [each["text"] for each in shown] == ["hello bob", "me again"]


@pytest.mark.asyncio
async def test_a_person_answers_in_the_direct_message(app, api, people):
    direct = (await api.chat_postMessage(channel="U0BOB", text="hello bob"))["channel"]
    await people.say("hello", channel=direct, user="U0BOB")
    await until(lambda: [event for event in app.of_type("message") if event["user"] == "U0BOB"])
    [event] = [event for event in app.of_type("message") if event["user"] == "U0BOB"]
    assert (event["channel"], event["channel_type"]) == (direct, "im")
    await people.post("messages", expecting=404, channel=direct, text="not mine")


@pytest.mark.asyncio
async def test_to_whom_the_app_cannot_write(api, people):
    assert await refusal(api.chat_postMessage(channel=BOT_USER_ID, text="a monologue")) == "cannot_dm_bot"
    assert await refusal(api.conversations_open(users=BOT_USER_ID)) == "cannot_dm_bot"
    assert await refusal(api.chat_postMessage(channel="U0NOBODY", text="a")) == "channel_not_found"
    await people.post("settings", user_active={"user": "U0DAVE", "active": False})
    assert await refusal(api.chat_postMessage(channel="U0DAVE", text="a")) == "user_disabled"


@pytest.mark.asyncio
async def test_a_private_file_tells_the_app_where_it_is_only_once_that_is_let_in(api, people):
    [file] = (await people.upload(("a.log", b"a"), channel=PRIVATE))["files"]
    hidden = (await api.files_info(file=file["id"]))["file"]
    assert (hidden["shares"], hidden["groups"], hidden["is_public"]) == ({}, [], False)
    await invite(people)
    shown = (await api.files_info(file=file["id"]))["file"]
    assert (shown["groups"], shown["channels"], shown["is_public"]) == ([PRIVATE], [], False)
    [place] = shown["shares"]["private"][PRIVATE]
    assert place["channel_name"] == "incidents-private"
    assert "public" not in shown["shares"]
