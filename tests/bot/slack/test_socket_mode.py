"""Socket Mode over the sandbox: refreshed, dropped, wedged, refused, and never twice or not at all."""

import asyncio
from contextlib import asynccontextmanager

import httpx
import pytest
import pytest_asyncio
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult

from bot.settings import SettingsError
from bot.slack import socket_connection, socket_mode
from bot.slack.receiving import answer_error
from sandbox.server import SandboxConfig, running_sandbox
from tests.support.running_bot import eventually, settings_for
from tests.support.workplace import ALICE, INCIDENTS, MANIFEST

pytestmark = pytest.mark.asyncio


async def authorize(**_):
    return AuthorizeResult(
        enterprise_id=None, team_id="T0SANDBOX", bot_user_id="U0", bot_id="B0", bot_token="xoxb-none"
    )


class Listener:
    """A Bolt app that writes down what it is told, and fails as often as a test wants."""

    def __init__(self):
        self.heard = []
        self.retries = []
        self.failures = 0
        self.app = AsyncApp(
            authorize=authorize,
            process_before_response=True,
            request_verification_enabled=False,
            signing_secret="none",
        )
        self.app.event("message")(self._message)
        self.app.command("/incident")(self._command)
        self.app.error(answer_error)

    async def _message(self, event, request):
        self.retries.append(int(request.headers.get("x-slack-retry-num", ["0"])[0]))
        if self.failures:
            self.failures -= 1
            raise RuntimeError("not this time")
        self.heard.append(event["text"])

    async def _command(self, ack):
        await ack("at your service")


@pytest.fixture
def listener():
    return Listener()


@pytest_asyncio.fixture
async def sandbox():
    async with running_sandbox(SandboxConfig(mode="socket", manifest=MANIFEST, ack_timeout_seconds=0.5)) as sandbox:
        yield sandbox


@pytest_asyncio.fixture
async def people(sandbox):
    async with httpx.AsyncClient(base_url=sandbox.url) as client:
        yield client


@pytest.fixture(autouse=True)
def _impatient(monkeypatch):
    """The waits, shortened in proportion."""
    for module, name, seconds in (
        (socket_mode, "WATCH_SECONDS", 0.02),
        (socket_mode, "FIRST_WAIT_SECONDS", 0.02),
        (socket_mode, "LEAVE_SECONDS", 0.2),
        (socket_mode, "REFUSED_SECONDS", 0.2),
        (socket_connection, "PROBE_SECONDS", 0.2),
        (socket_connection, "STALE_SECONDS", 0.6),
        (socket_connection, "CLOSE_SECONDS", 0.2),
    ):
        monkeypatch.setattr(module, name, seconds)


def settings(tmp_path, sandbox, **changes):
    tokens = {"slack_bot_token": sandbox.config.bot_token, "slack_app_token": sandbox.config.app_token}
    return settings_for(tmp_path, "", **tokens, slack_api_url=sandbox.api_url, **changes)


@asynccontextmanager
async def connected(tmp_path, sandbox, listener, *, connections=2):
    async with socket_mode.connected(
        listener.app, settings(tmp_path, sandbox, socket_connections=connections)
    ) as sockets:
        await until(lambda: sockets.connected == connections)
        yield sockets


async def until(check, *, within_seconds=10):
    async def checked():
        return check()

    await eventually(checked, within_seconds=within_seconds)


async def say(people, text):
    body = {"user": ALICE, "channel": INCIDENTS, "text": text}
    assert (await people.post("/people/messages", json=body)).status_code == 200


async def strike(people, kind, **needs):
    answer = await people.post("/people/faults", json={"target": "socket", "kind": kind} | needs)
    assert answer.status_code == 200


async def ask(people):
    body = {"user": ALICE, "channel": INCIDENTS, "command": "/incident", "text": "help"}
    return (await people.post("/people/command", json=body)).json()


async def test_events_and_answers_go_over_as_many_connections_as_are_wanted(tmp_path, sandbox, people, listener):
    async with connected(tmp_path, sandbox, listener, connections=3) as sockets:
        assert len(sandbox.sockets._sockets) == 3
        for text in "abc":
            await say(people, text)
        await until(lambda: sorted(listener.heard) == ["a", "b", "c"])
        assert (await ask(people))["ok"]
        assert sockets.silent_seconds < 10
    await until(lambda: not sandbox.sockets.connected)


async def test_a_failing_listener_is_not_acknowledged_and_gets_the_event_again(tmp_path, sandbox, people, listener):
    listener.failures = 2
    async with connected(tmp_path, sandbox, listener):
        await say(people, "listen")
        await until(lambda: listener.heard == ["listen"])
        await until(lambda: sandbox.deliveries.pending == 0)
    assert listener.retries == [0, 1, 2]


@pytest.mark.parametrize("fault", ["disconnect", "warning"])
async def test_asked_to_come_anew_it_is_there_before_the_old_connection_is_left(
    tmp_path, sandbox, people, listener, fault
):
    async with connected(tmp_path, sandbox, listener) as sockets:
        former = set(sockets._connections)
        await strike(people, fault)
        for number in range(30):
            await say(people, str(number))
        await until(lambda: len(listener.heard) == 30)
        await until(lambda: not former & set(sockets._connections))
        await until(lambda: sockets.connected == 2)
        assert {connection.leaving_because for connection in former} == {
            "refresh_requested" if fault == "disconnect" else "warning"
        }


async def test_one_refresh_is_no_gap(tmp_path, sandbox, people, listener):
    """While one connection is renewed the other takes what comes, so nothing has to be delivered a second time."""
    async with connected(tmp_path, sandbox, listener) as sockets:
        one = next(iter(sockets._connections))
        for number in range(40):
            await say(people, str(number))
            if number == 10:
                one._leave("refresh_requested")
        await until(lambda: len(listener.heard) == 40)
        await until(lambda: one not in sockets._connections)
        assert set(listener.retries) == {0}
        assert sockets.connected == 2


async def test_a_dropped_connection_is_opened_again(tmp_path, sandbox, people, listener):
    async with connected(tmp_path, sandbox, listener) as sockets:
        dropped = set(sockets._connections)
        await strike(people, "drop")
        await until(lambda: sockets.connected == 2 and not dropped & set(sockets._connections))
        await say(people, "still there?")
        await until(lambda: listener.heard == ["still there?"])


async def test_a_connection_that_looks_open_and_is_dead_is_replaced(tmp_path, sandbox, people, listener):
    async with connected(tmp_path, sandbox, listener) as sockets:
        dead = set(sockets._connections)
        await strike(people, "silent", seconds=5)
        await until(lambda: sockets.connected == 2 and not dead & set(sockets._connections))
        assert all("nothing was heard" in connection.leaving_because for connection in dead)


async def test_a_quiet_connection_that_answers_is_left_alone(tmp_path, sandbox, listener):
    async with connected(tmp_path, sandbox, listener, connections=1) as sockets:
        (only,) = sockets._connections
        opened = only.opened_at
        await until(lambda: only.heard_at > opened + 1.5)
        assert set(sockets._connections) == {only}


@pytest.mark.parametrize(
    "needs",
    [
        {"kind": "status", "status": 429, "retry_after_seconds": 1},
        {"kind": "status", "status": 503},
        {"kind": "reset"},
        {"kind": "error", "error": "internal_error"},
        {"kind": "error", "error": "token_revoked"},
    ],
    ids=lambda needs: "-".join(map(str, needs.values())),
)
async def test_where_slack_opens_nothing_it_is_asked_again(tmp_path, sandbox, people, listener, needs):
    async with connected(tmp_path, sandbox, listener, connections=1) as sockets:
        await people.post("/people/faults", json={"target": "apps.connections.open", "count": 2} | needs)
        await strike(people, "drop")
        if needs.get("error") == "token_revoked":
            await until(lambda: sockets.refused == "token_revoked")
        await until(lambda: not sandbox.faults.pending() and sockets.connected == 1)
        assert sockets.refused is None


async def test_a_refused_token_ends_the_start_with_a_sentence(tmp_path, sandbox, people, listener):
    fault = {"target": "apps.connections.open", "kind": "error", "error": "invalid_auth"}
    await people.post("/people/faults", json=fault)
    with pytest.raises(SettingsError, match=r"SLACK_APP_TOKEN is refused by Slack \(invalid_auth\)"):
        async with connected(tmp_path, sandbox, listener):
            pass


async def test_slack_being_out_of_reach_does_not_end_the_start(tmp_path, sandbox, people, listener):
    await people.post("/people/faults", json={"target": "apps.connections.open", "kind": "status", "status": 503})
    async with connected(tmp_path, sandbox, listener) as sockets:
        assert sockets.connected == 2


async def test_an_eleventh_connection_is_tried_again_until_there_is_room(tmp_path, sandbox, listener):
    async with (
        connected(tmp_path, sandbox, Listener(), connections=10) as ten,
        socket_mode.connected(listener.app, settings(tmp_path, sandbox, socket_connections=1)) as one_more,
    ):
        await asyncio.sleep(0.1)
        assert one_more.connected == 0
        await ten.close()
        await until(lambda: one_more.connected == 1)


async def test_what_was_taken_is_finished_before_the_end(tmp_path, sandbox, people, listener):
    slow, go_on = asyncio.Event(), asyncio.Event()

    @listener.app.middleware
    async def dawdle(next_):
        slow.set()
        await go_on.wait()
        return await next_()

    async with connected(tmp_path, sandbox, listener) as sockets:
        await say(people, "last words")
        await asyncio.wait_for(slow.wait(), 10)
        closing = asyncio.create_task(sockets.close())
        await asyncio.sleep(0)
        go_on.set()
        await closing
    await until(lambda: sandbox.deliveries.pending == 0)
    assert listener.heard == ["last words"]
    assert sandbox.traffic.entries[-1].status == 200
