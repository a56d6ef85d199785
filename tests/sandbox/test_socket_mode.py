"""Socket Mode, with a client of a few lines that sees every frame."""

import asyncio
import json
from contextlib import asynccontextmanager

import httpx
import pytest
import pytest_asyncio
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from sandbox.server import SandboxConfig, running_sandbox
from tests.sandbox.conftest import People
from tests.sandbox.recording_app import until


@pytest_asyncio.fixture
async def sandbox():
    async with running_sandbox(SandboxConfig(mode="socket", ack_timeout_seconds=0.2)) as running:
        yield running


@pytest_asyncio.fixture
async def people(sandbox):
    async with httpx.AsyncClient(base_url=sandbox.url, trust_env=False) as client:
        yield People(client)


@asynccontextmanager
async def connected(sandbox):
    """A socket that has had its hello."""
    async with httpx.AsyncClient(base_url=sandbox.api_url, trust_env=False) as client:
        headers = {"authorization": f"Bearer {sandbox.config.app_token}"}
        url = (await client.post("apps.connections.open", headers=headers)).json()["url"]
    async with connect(url, proxy=None) as socket:
        yield socket


async def frame(socket):
    return json.loads(await asyncio.wait_for(socket.recv(), 5))


async def acknowledge(socket, envelope, **payload):
    answer = {"envelope_id": envelope["envelope_id"]}
    await socket.send(json.dumps(answer | ({"payload": payload} if payload else {})))


@pytest.mark.asyncio
async def test_hello_and_an_event_with_its_envelope(sandbox, people):
    async with connected(sandbox) as socket:
        hello = await frame(socket)
        assert (hello["type"], hello["num_connections"]) == ("hello", 1)
        await people.say("hi")
        envelope = await frame(socket)
        assert (envelope["type"], envelope["retry_attempt"], envelope["accepts_response_payload"]) == (
            "events_api",
            0,
            False,
        )
        assert envelope["payload"]["event"]["text"] == "hi"
        await acknowledge(socket, envelope)
        await until(lambda: sandbox.deliveries.pending == 0)


@pytest.mark.asyncio
async def test_a_command_is_answered_in_the_acknowledgement(sandbox, people):
    async with connected(sandbox) as socket:
        await frame(socket)
        asking = asyncio.create_task(people.post("command", channel="C0INCIDENTS", command="/incident", text="help"))
        envelope = await frame(socket)
        assert (envelope["type"], envelope["accepts_response_payload"]) == ("slash_commands", True)
        assert envelope["payload"]["text"] == "help"
        await acknowledge(socket, envelope, text="this is how")
        assert await asking == {"ok": True}
    assert [message["text"] for message in await people.messages()] == ["this is how"]


@pytest.mark.asyncio
async def test_without_acknowledgement_events_come_again_and_commands_fail(sandbox, people):
    async with connected(sandbox) as socket:
        await frame(socket)
        await people.say("hi")
        await frame(socket)
        again = await frame(socket)
        assert (again["retry_attempt"], again["retry_reason"]) == (1, "http_timeout")
        await acknowledge(socket, again)
        await until(lambda: sandbox.deliveries.pending == 0)
        answer = await people.post("command", channel="C0INCIDENTS", command="/incident", text="help")
        assert answer == {"ok": False, "error": "operation_timeout"}


@pytest.mark.asyncio
async def test_with_no_connection_a_command_fails_at_once(sandbox, people):
    assert not (await people.get("state"))["app"]["connected"]
    answer = await people.post("command", channel="C0INCIDENTS", command="/incident", text="help")
    assert answer == {"ok": False, "error": "operation_failed"}


@pytest.mark.asyncio
async def test_connections_take_turns(sandbox, people):
    async with connected(sandbox) as first, connected(sandbox) as second:
        await frame(first)
        assert (await frame(second))["num_connections"] == 2
        assert (await people.get("state"))["app"]["connected"]
        await people.say("one")
        await acknowledge(first, await frame(first))
        await people.say("two")
        await acknowledge(second, await frame(second))
        await until(lambda: sandbox.deliveries.pending == 0)


@pytest.mark.asyncio
async def test_what_a_closed_connection_had_not_acknowledged_goes_to_another(sandbox, people):
    async with connected(sandbox) as first, connected(sandbox) as second:
        await frame(first)
        await frame(second)
        await people.say("one")
        await frame(first)
        await first.close()
        envelope = await frame(second)
        assert (envelope["retry_attempt"], envelope["retry_reason"]) == (1, "connection_failed")
        await acknowledge(second, envelope)


@pytest.mark.asyncio
async def test_an_eleventh_connection_is_one_too_many(sandbox):
    async with asyncio.TaskGroup() as group:
        release = asyncio.Event()

        async def hold():
            async with connected(sandbox) as socket:
                await frame(socket)
                await release.wait()

        for _ in range(10):
            group.create_task(hold())
        await until(lambda: len(sandbox.sockets._sockets) == 10)
        async with connected(sandbox) as socket:
            assert (await frame(socket))["reason"] == "too_many_websockets"
        release.set()


@pytest.mark.asyncio
async def test_a_ticket_opens_one_connection(sandbox):
    ticket = sandbox.sockets.issue_ticket()
    url = f"{sandbox.url.replace('http', 'ws')}/link/?ticket={ticket}"
    async with connect(url, proxy=None) as socket:
        await frame(socket)
        with pytest.raises(InvalidStatus, match="403"):
            await connect(url, proxy=None)


@pytest.mark.asyncio
async def test_slack_asks_for_a_new_connection(sandbox, people):
    async with connected(sandbox) as socket:
        await frame(socket)
        await people.post("faults", target="socket", kind="warning")
        assert (await frame(socket))["reason"] == "warning"
        await people.post("faults", target="socket", kind="disconnect")
        assert (await frame(socket))["reason"] == "refresh_requested"
        with pytest.raises(ConnectionClosed):
            await frame(socket)
    await until(lambda: not sandbox.sockets.connected)


@pytest.mark.asyncio
async def test_a_connection_that_drops(sandbox, people):
    async with connected(sandbox) as socket:
        await frame(socket)
        await people.post("faults", target="socket", kind="drop")
        with pytest.raises(ConnectionClosed) as caught:
            await frame(socket)
        assert caught.value.rcvd is None  # no close frame: the line went dead
    await until(lambda: not sandbox.sockets.connected)


@pytest.mark.asyncio
async def test_a_connection_that_falls_silent_looks_open_and_answers_nothing(sandbox, people):
    async with connected(sandbox) as socket:
        await frame(socket)
        await people.post("faults", target="socket", kind="silent", seconds=0.5)
        pong = await socket.ping()
        await people.say("hi")
        await until(lambda: sandbox.traffic.entries and sandbox.traffic.entries[-1].status == "timeout")
        assert not pong.done()
        assert sandbox.sockets.connected
        await asyncio.wait_for(pong, 5)  # the silence is over
        await acknowledge(socket, await frame(socket))
        await until(lambda: sandbox.deliveries.pending == 0)


@pytest.mark.asyncio
async def test_frames_that_are_no_acknowledgement_change_nothing(sandbox, people):
    async with connected(sandbox) as socket:
        await frame(socket)
        for text in ("{", "[]", '{"envelope_id": "made-up"}', "null"):
            await socket.send(text)
        await people.say("hi")
        await acknowledge(socket, await frame(socket))
        await until(lambda: sandbox.deliveries.pending == 0)
        assert sandbox.traffic.entries[-1].status == 200
