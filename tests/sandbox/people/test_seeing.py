import json

import pytest

from sandbox.changes import Changes
from tests.sandbox.recording_app import until


@pytest.mark.asyncio
async def test_the_state_names_team_app_people_and_channels(people, sandbox):
    state = await people.get("state")
    assert (state["team"]["id"], state["mode"]) == (sandbox.config.team, "http")
    assert state["app"]["name"] == "Triage"
    assert [command["command"] for command in state["app"]["commands"]] == ["/incident"]
    assert state["app"]["connected"]
    assert "chat:write" in state["app"]["scopes"]
    assert [user["name"] for user in state["users"] if not user["is_bot"]] == ["alice", "bob", "carol", "dave"]
    channels = [channel["name"] for channel in state["channels"]]
    assert channels == ["incidents", "payments", "general", "incidents-private"]


@pytest.mark.asyncio
async def test_a_direct_conversation_is_in_the_state_of_its_person_alone(people, api):
    await api.conversations_open(users="U0BOB")
    assert not any(channel["is_im"] for channel in (await people.get("state"))["channels"])
    assert any(channel["is_im"] for channel in (await people.get("state", user="U0BOB"))["channels"])


async def changes_until(lines, kind):
    """What the stream tells, up to the first change of `kind`."""
    changes = []
    async for line in lines:
        if line.startswith("data: "):
            changes.append(json.loads(line.removeprefix("data: ")))
            if changes[-1]["kind"] == kind:
                break
    return changes


@pytest.mark.asyncio
async def test_the_stream_names_what_changed_to_those_who_may_know(people, api, http):
    async with http.stream("GET", "/people/stream?user=U0BOB") as stream:
        lines = stream.aiter_lines()
        await anext(lines)
        await api.chat_postEphemeral(channel="C0INCIDENTS", user="U0ALICE", text="psst")
        message = await people.say("for all")
        *others, change = await changes_until(lines, "message")
    assert change == {"kind": "message", "channel": "C0INCIDENTS", "ts": message["ts"]}
    assert {other["kind"] for other in others} <= {"traffic"}


@pytest.mark.asyncio
async def test_a_silent_stream_beats_and_a_closed_one_ends():
    changes = Changes()
    reading = changes.read("U0ALICE", heartbeat_seconds=0.01)
    assert await anext(reading) is None
    changes.close()
    assert [change async for change in reading] == []


@pytest.mark.asyncio
async def test_people_download_files_as_attachments_and_see_pictures(people, http):
    answer = await people.upload(("page.html", b"<script>alert(1)</script>"), ("chart.png", b"\x89PNG"))
    page, chart = [await http.get(f"/people/file/{file['id']}") for file in answer["files"]]
    assert page.content == b"<script>alert(1)</script>"
    assert page.headers["content-type"] == "application/octet-stream"
    assert page.headers["content-disposition"].startswith("attachment")
    assert page.headers["x-content-type-options"] == "nosniff"
    assert chart.headers["content-type"] == "image/png"
    assert (await http.get("/people/file/F0")).status_code == 404


@pytest.mark.asyncio
async def test_the_page_may_load_nothing_from_elsewhere_and_nothing_inline(http):
    policy = (await http.get("/")).headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy


@pytest.mark.asyncio
async def test_mentions_are_sent_as_slack_sends_them(people):
    message = await people.say("@triage and @Bob, not a@carol.example or @nobody")
    assert message["text"] == "<@U0TRIAGEBOT> and <@U0BOB>, not a@carol.example or @nobody"


@pytest.mark.asyncio
async def test_what_makes_no_sense_is_said_so(people, http):
    assert (await people.get("messages", expecting=404, channel="C0"))["error"] == "channel_not_found"
    assert (await people.get("views", expecting=404, user="U0"))["error"] == "user_not_found"
    assert (await people.post("messages", expecting=400, channel="C0INCIDENTS", text=" "))["error"] == "no_text"
    assert (await people.post("reaction", expecting=404, channel="C0INCIDENTS", ts="1"))["error"] == "message_not_found"
    assert (await people.upload(expecting=400))["error"] == "no_file"
    assert (await people.get("traffic", expecting=400, after="x"))["error"] == "invalid_after"
    assert (await http.post("/people/home", content=b"{")).json()["error"] == "invalid_json"
    assert (await people.get("options", expecting=404, block_id="b", action_id="a"))["error"] == "element_not_found"


@pytest.mark.asyncio
async def test_the_traffic_log_goes_on_after_a_number(people, api, app):
    await api.auth_test()
    [first] = (await people.get("traffic"))["entries"]
    assert (first["direction"], first["kind"], first["summary"], first["status"]) == (
        "to_slack",
        "web_api",
        "auth.test: ok",
        200,
    )
    await people.say("hello")
    await until(lambda: app.deliveries)
    entries = []
    while not entries:
        entries = (await people.get("traffic", after=first["seq"]))["entries"]
    assert [(entry["direction"], entry["kind"], entry["retry"]) for entry in entries] == [("to_app", "events_api", 0)]


@pytest.mark.asyncio
async def test_people_delete_what_is_theirs(people, api):
    mine, theirs = await people.say("mine"), await people.say("theirs", user="U0BOB")
    await people.post("delete", channel="C0INCIDENTS", ts=mine["ts"])
    refusal = await people.post("delete", expecting=403, channel="C0INCIDENTS", ts=theirs["ts"])
    assert refusal["error"] == "cant_delete_message"
    assert [message["text"] for message in await people.messages()] == ["theirs"]
