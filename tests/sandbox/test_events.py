import pytest
from starlette.responses import Response

from sandbox.directory import BOT_USER_ID
from tests.sandbox.recording_app import until


async def kinds(app, sandbox, expected):
    await until(lambda: sandbox.deliveries.pending == 0 and len(app.events) >= expected)
    return sorted(
        f"{event['type']}.{event['subtype']}" if "subtype" in event else event["type"] for event in app.events
    )


@pytest.mark.asyncio
async def test_a_mention_is_a_message_and_a_mention(app, people, sandbox):
    await people.say("@Triage help")
    assert await kinds(app, sandbox, 2) == ["app_mention", "message"]
    assert app.of_type("app_mention")[0]["text"] == f"<@{BOT_USER_ID}> help"


@pytest.mark.asyncio
async def test_one_upload_is_two_events(app, people, sandbox):
    root = await people.say("an incident")
    await until(lambda: len(app.events) == 1)
    app.deliveries.clear()
    await people.upload(("app.log", b"one\n"), thread_ts=root["ts"], text="look")
    assert await kinds(app, sandbox, 2) == ["file_shared", "message.file_share"]
    message, shared = app.of_type("message")[0], app.of_type("file_shared")[0]
    assert message["thread_ts"] == root["ts"]
    assert message["files"][0]["id"] == shared["file_id"] == shared["file"]["id"]
    assert shared["channel_id"] == "C0INCIDENTS"
    assert shared["user_id"] == "U0ALICE"


@pytest.mark.asyncio
async def test_several_files_are_one_message_and_an_event_each(app, people, sandbox):
    await people.upload(("a.log", b"a"), ("b.log", b"b"), ("c.log", b"c"))
    assert await kinds(app, sandbox, 4) == ["file_shared"] * 3 + ["message.file_share"]
    assert [file["name"] for file in app.of_type("message")[0]["files"]] == ["a.log", "b.log", "c.log"]


@pytest.mark.asyncio
async def test_stubs_tell_the_app_to_ask(app, people, sandbox, api):
    answer = await people.upload(("a.log", b"abc"), stub="1")
    await until(lambda: app.of_type("message"))
    [file] = app.of_type("message")[0]["files"]
    assert file["file_access"] == "check_file_info"
    assert "url_private_download" not in file
    assert answer["message"]["files"][0]["name"] == "a.log"
    resolved = (await api.files_info(file=file["id"]))["file"]
    assert (resolved["name"], resolved["size"]) == ("a.log", 3)


@pytest.mark.asyncio
async def test_the_bots_own_messages_are_events_too(app, sandbox, api):
    await api.chat_postMessage(channel="C0INCIDENTS", text="hello")
    await until(lambda: app.events)
    assert app.events[0]["bot_id"]
    assert app.events[0]["user"] == BOT_USER_ID


@pytest.mark.asyncio
async def test_edits_and_deletions_are_events(app, sandbox, api):
    posted = await api.chat_postMessage(channel="C0INCIDENTS", text="hello")
    await api.chat_update(channel="C0INCIDENTS", ts=posted["ts"], text="goodbye")
    await api.chat_delete(channel="C0INCIDENTS", ts=posted["ts"])
    assert await kinds(app, sandbox, 3) == ["message", "message.message_changed", "message.message_deleted"]
    changed = next(event for event in app.events if event.get("subtype") == "message_changed")
    assert (changed["previous_message"]["text"], changed["message"]["text"]) == ("hello", "goodbye")


@pytest.mark.asyncio
async def test_reactions_are_events(app, people, sandbox):
    message = await people.say("hello")
    await people.post("reaction", channel="C0INCIDENTS", ts=message["ts"], name="eyes", user="U0BOB")
    await people.post("reaction", channel="C0INCIDENTS", ts=message["ts"], name="eyes", user="U0BOB", remove=True)
    assert await kinds(app, sandbox, 3) == ["message", "reaction_added", "reaction_removed"]
    assert app.of_type("reaction_added")[0]["item"] == {
        "type": "message",
        "channel": "C0INCIDENTS",
        "ts": message["ts"],
    }
    assert "reactions" not in (await people.messages())[0]


@pytest.mark.asyncio
async def test_the_app_hears_nothing_of_channels_it_is_not_in(app, people, sandbox):
    await people.say("private talk", channel="C0GENERAL")
    await people.post("command", channel="C0GENERAL", command="/invite", text="@Triage")
    await people.say("hello", channel="C0GENERAL")
    assert await kinds(app, sandbox, 2) == ["member_joined_channel", "message"]
    assert app.of_type("message")[0]["text"] == "hello"
    assert app.of_type("member_joined_channel")[0]["user"] == BOT_USER_ID


@pytest.mark.asyncio
async def test_without_its_scope_an_event_is_not_sent(app, people, sandbox):
    await people.post("settings", scopes=["channels:history", "chat:write"])
    await people.upload(("a.log", b"a"))
    assert await kinds(app, sandbox, 1) == ["message.file_share"]


@pytest.mark.asyncio
async def test_an_archived_channel_and_a_person_who_left(app, people, sandbox):
    await people.post("settings", channel_archived={"channel": "C0PAYMENTS", "archived": True})
    await people.post("settings", user_active={"user": "U0DAVE", "active": False})
    assert await kinds(app, sandbox, 2) == ["channel_archive", "user_change"]
    assert await people.post("messages", expecting=409, channel="C0PAYMENTS", text="x") == {
        "ok": False,
        "error": "is_archived",
    }
    assert (await people.post("messages", expecting=403, user="U0DAVE", channel="C0INCIDENTS", text="x"))[
        "error"
    ] == "account_inactive"


@pytest.mark.asyncio
async def test_opening_the_home(app, people, sandbox):
    await people.post("home")
    await until(lambda: app.of_type("app_home_opened"))
    opened = app.of_type("app_home_opened")[0]
    assert (opened["user"], opened["tab"], opened["channel"][0]) == ("U0ALICE", "home", "D")


@pytest.mark.asyncio
async def test_delivery_faults(app, people, sandbox):
    await people.post("faults", target="delivery", kind="duplicate")
    await people.say("twice")
    await until(lambda: len(app.deliveries) == 2)
    assert app.deliveries[0].payload["event_id"] == app.deliveries[1].payload["event_id"]
    await people.post("faults", target="delivery", kind="lost")
    await people.say("retried")
    await until(lambda: len(app.deliveries) == 4)
    assert app.deliveries[3].headers["x-slack-retry-reason"] == "http_timeout"


@pytest.mark.asyncio
async def test_a_delayed_event_is_overtaken(app, people, sandbox):
    await people.post("faults", target="delivery", kind="delay", seconds=0.2)
    await people.say("first")
    await people.say("second")
    await until(lambda: len(app.events) == 2)
    assert [event["text"] for event in app.events] == ["second", "first"]


@pytest.mark.asyncio
async def test_a_hanging_app_does_not_hold_up_other_events(app, people, sandbox):
    app.answers = [0.2, Response()]
    await people.say("first")
    await people.say("second")
    await until(lambda: len(app.events) == 2)
    assert sandbox.deliveries.pending >= 1
