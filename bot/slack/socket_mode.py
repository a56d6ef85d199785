"""Socket Mode: several connections that we open, each replaced when Slack asks for it and when it falls silent."""

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from aiohttp import ClientWebSocketResponse, ClientWSTimeout, WSMsgType
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.settings import Settings, SettingsError
from bot.slack.refusals import delivery_error, error_of
from bot.slack.socket_connection import CLOSE_SECONDS, SocketConnection, frame_of
from services.errors import TransientDeliveryError

log = logging.getLogger(__name__)

OPEN_SECONDS = 15.0  # for an address, the handshake and the hello
WATCH_SECONDS = 1.0
LEAVE_SECONDS = 10.0  # Slack's notice before it closes a connection: what still comes over the old one is taken
SETTLED_SECONDS = 30.0  # a connection that lasted this long was a good one: the next is opened without waiting
FIRST_WAIT_SECONDS, MAX_WAIT_SECONDS = 0.5, 30.0
REFUSED_SECONDS = 60.0  # somebody has to change something first


class SocketRefused(Exception):
    """Slack opened a connection and did not say hello; the text is its word for why."""


class SocketModeConnections:
    """Keeps `wanted` connections open until `close`; any of them may get a delivery.

    Attributes:
        wanted: how many there should be.
        refused: Slack's word where it does not let us in, and nothing but a person can change that; else None.
    """

    def __init__(self, app: AsyncApp, client: AsyncWebClient, *, wanted: int) -> None:
        self._app = app
        self._client = client
        self._connections: set[SocketConnection] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.wanted = wanted
        self.refused: str | None = None

    @property
    def connected(self) -> int:
        """How many connections receive and are to stay."""
        return sum(not connection.leaving.is_set() for connection in self._connections)

    @property
    def silent_seconds(self) -> float | None:
        """How long ago anything was heard over any connection; None while there is none."""
        heard = [connection.heard_at for connection in self._connections]
        return asyncio.get_running_loop().time() - max(heard) if heard else None

    async def start(self) -> None:
        """Open the first connection; the others follow, and so does the first where Slack is only out of reach.

        Raises:
            SettingsError: Slack refuses the app-level token.
        """
        first = None
        try:
            first = await self._open()
        except (SlackApiError, SocketRefused, aiohttp.ClientError, TimeoutError, OSError) as error:
            self._wait_seconds(error, 0)
            if self.refused is not None:
                raise SettingsError(
                    f"SLACK_APP_TOKEN is refused by Slack ({self.refused}): create an app-level token with the scope "
                    "connections:write under Basic Information, and switch Socket Mode on."
                ) from None
        for connection in (first, *[None] * (self.wanted - 1)):
            self._run(self._keep_one(connection))
        self._run(self._watch())

    async def close(self) -> None:
        """Finish what was taken, leave the rest to be delivered again, and end every connection."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(*(connection.close() for connection in list(self._connections)))

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _keep_one(self, connection: SocketConnection | None) -> None:
        """The next connection is there before the one that it replaces is left, so that nothing is missed."""
        failures = 0
        while True:
            following = connection or await self._open_patiently(failures)
            await following.leaving.wait()
            log.info("a connection to Slack is replaced: %s", following.leaving_because)
            lasted = asyncio.get_running_loop().time() - following.opened_at
            failures = 0 if lasted >= SETTLED_SECONDS else failures + 1
            connection = await self._open_patiently(failures)
            self._run(_leave(following))

    async def _open_patiently(self, failures: int) -> SocketConnection:
        wait = _backoff_seconds(failures)
        while True:
            await asyncio.sleep(wait)
            try:
                return await self._open()
            except Exception as error:  # noqa: BLE001  # the worker's loop: it is logged and tried again, whatever it was
                failures += 1
                wait = self._wait_seconds(error, failures)

    async def _open(self) -> SocketConnection:
        async with asyncio.timeout(OPEN_SECONDS):
            address = (await self._client.apps_connections_open(app_token=self._client.token or ""))["url"]
            assert self._client.session is not None
            socket = await self._client.session.ws_connect(
                address,
                autoping=False,  # a ping is a sign of life, and we want to see it
                timeout=ClientWSTimeout(ws_close=CLOSE_SECONDS),
                proxy=self._client.proxy,
                ssl=self._client.ssl if self._client.ssl is not None else True,
            )
            try:
                await _hear_hello(socket)
            except BaseException:
                await socket.close()
                raise
        connection = SocketConnection(socket, self._app)
        self._connections.add(connection)
        connection.start().add_done_callback(lambda _: self._connections.discard(connection))
        self.refused = None
        log.info("connected to Slack (%d of %d)", self.connected, self.wanted)
        return connection

    def _wait_seconds(self, error: Exception, failures: int) -> float:
        """Before the next attempt: as long as Slack says, longer each time, or until somebody may have acted."""
        failure = delivery_error(error)
        asked = getattr(failure, "retry_after_seconds", None)
        if isinstance(error, SlackApiError) and asked is None and not isinstance(failure, TransientDeliveryError):
            self.refused = error_of(error)
            log.error("Slack refuses Socket Mode (%s): SLACK_APP_TOKEN or the app's settings have to change", failure)
            return REFUSED_SECONDS
        wait = asked or _backoff_seconds(failures)
        log.warning("Slack takes no connection (%s); trying again in %.1f s", failure, wait)
        return float(wait)

    async def _watch(self) -> None:
        """Not left to the connections themselves: one whose reader hangs would not notice."""
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            for connection in list(self._connections):
                try:
                    await connection.check()
                except Exception:  # what is wrong with one must not end the watch over the others
                    log.exception("a connection to Slack could not be checked")


@asynccontextmanager
async def connected(app: AsyncApp, settings: Settings) -> AsyncIterator[SocketModeConnections]:
    """Receive over Socket Mode until the block ends.

    Raises:
        SettingsError: Slack refuses the app-level token.
    """
    async with aiohttp.ClientSession() as session:
        client = AsyncWebClient(
            token=settings.slack_app_token, base_url=settings.slack_api_url, session=session, retry_handlers=[]
        )
        connections = SocketModeConnections(app, client, wanted=settings.socket_connections)
        try:
            await connections.start()
            yield connections
        finally:
            await connections.close()


async def _hear_hello(socket: ClientWebSocketResponse) -> None:
    message = await socket.receive()
    while message.type == WSMsgType.PING:
        await socket.pong(message.data)
        message = await socket.receive()
    frame = frame_of(message.data) if message.type == WSMsgType.TEXT else {}
    if frame.get("type") != "hello":
        raise SocketRefused(str(frame.get("reason") or "it closed the connection at once"))


async def _leave(connection: SocketConnection) -> None:
    """Take what still comes over a connection that was replaced, until Slack closes it or its notice is over."""
    await connection.ended(within_seconds=LEAVE_SECONDS)
    await connection.close()


def _backoff_seconds(failures: int) -> float:
    """Nothing the first time, then twice as long each time, with half of it left to chance."""
    if not failures:
        return 0.0
    longest = min(FIRST_WAIT_SECONDS * 2.0 ** (failures - 1), MAX_WAIT_SECONDS)
    return longest * random.uniform(0.5, 1.0)  # noqa: S311  # many processes must not come back at the same moment
