"""One WebSocket from Slack: what comes goes to the listeners, and is acknowledged once everything is committed."""

import asyncio
import contextlib
import json
import logging
from typing import Any

from aiohttp import ClientWebSocketResponse, WSMsgType
from slack_bolt.adapter.socket_mode.internals import build_headers
from slack_bolt.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.socket_mode.request import SocketModeRequest

from bot.slack.receiving import DEADLINE_SECONDS, receive

log = logging.getLogger(__name__)

ENVELOPES_AT_ONCE = 50  # more are left in the network until these are done: memory stays bounded
PROBE_SECONDS = 5.0  # of silence, before we ask whether anybody is there
STALE_SECONDS = 15.0  # of silence, before the connection counts as dead: two probes went unanswered
CLOSE_SECONDS = 2.0  # for saying goodbye; who is gone does not answer


class SocketConnection:
    """A connection that has said hello.

    Attributes:
        heard_at: when anything came last, on the event loop's clock.
        leaving: set as soon as another connection should take its place; it may still receive for a while.
        leaving_because: Slack's word for it, or ours.
    """

    def __init__(self, socket: ClientWebSocketResponse, app: AsyncApp) -> None:
        self._socket = socket
        self._app = app
        self._places = asyncio.Semaphore(ENVELOPES_AT_ONCE)
        self._under_way: set[asyncio.Task[None]] = set()
        self._reader: asyncio.Task[None] | None = None
        self._asked = self._closing = False
        self.opened_at = self.heard_at = asyncio.get_running_loop().time()
        self.leaving = asyncio.Event()
        self.leaving_because = ""

    def start(self) -> asyncio.Task[None]:
        """Read until the connection ends, either way; the task says when."""
        self._reader = asyncio.create_task(self._read())
        return self._reader

    async def check(self) -> None:
        """Judge by what was heard, not by what the socket says of itself: one that went dead still looks open."""
        silence = asyncio.get_running_loop().time() - self.heard_at
        if silence >= STALE_SECONDS:
            self._leave(f"nothing was heard for {silence:.0f} s")
            self._end_reading()
        elif silence >= PROBE_SECONDS and not self._asked:
            self._asked = True
            with contextlib.suppress(ConnectionError, TimeoutError):  # then the silence goes on
                async with asyncio.timeout(CLOSE_SECONDS):
                    await self._socket.ping()

    async def close(self) -> None:
        """Take nothing more, finish what was taken, and say goodbye."""
        self._closing = True
        self._leave("closed")
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=DEADLINE_SECONDS)
        self._end_reading()
        if self._reader is not None:
            await asyncio.gather(self._reader, return_exceptions=True)

    async def ended(self, *, within_seconds: float) -> None:
        """Wait for its end, but no longer."""
        if self._reader is not None:
            await asyncio.wait({self._reader}, timeout=within_seconds)

    def _end_reading(self) -> None:
        if self._reader is not None:
            self._reader.cancel()

    def _leave(self, reason: str) -> None:
        if not self.leaving.is_set():
            self.leaving_because = reason
            self.leaving.set()

    async def _read(self) -> None:
        try:
            while True:
                message = await self._socket.receive()
                if message.type not in (WSMsgType.TEXT, WSMsgType.PING, WSMsgType.PONG, WSMsgType.BINARY):
                    break
                self.heard_at, self._asked = asyncio.get_running_loop().time(), False
                if message.type == WSMsgType.PING:
                    await self._socket.pong(message.data)
                elif message.type == WSMsgType.TEXT:
                    await self._take(message.data)
        except ConnectionError:
            pass  # it broke while we answered a ping
        finally:
            self._leave("the connection ended")
            await self._socket.close()

    async def _take(self, text: str) -> None:
        frame = frame_of(text)
        if frame.get("type") == "disconnect":
            self._leave(str(frame.get("reason")))
        request = SocketModeRequest.from_dict(frame)
        if request is None or self._closing:
            return
        await self._places.acquire()
        task = asyncio.create_task(self._handle(request))
        self._under_way.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        self._places.release()

    async def _handle(self, request: SocketModeRequest) -> None:
        """Without an acknowledgement Slack delivers an event again, over this connection or another."""
        delivered = AsyncBoltRequest(mode="socket_mode", body=request.payload, headers=build_headers(request))
        try:
            response = await receive(self._app, delivered)
        except Exception:  # the edge of the app: nobody awaits this task
            log.exception("an envelope could not be handled and is not acknowledged")
            return
        if response.status != 200:
            log.warning("envelope %s is not acknowledged (%d)", request.envelope_id, response.status)
            return
        try:
            await self._socket.send_str(json.dumps(acknowledgement(request.envelope_id, response)))
        except ConnectionError:
            log.info("the connection ended before envelope %s was acknowledged", request.envelope_id)


def frame_of(text: str) -> dict[str, Any]:
    """What Slack says; empty for what is no JSON object."""
    try:
        frame = json.loads(text)
    except ValueError:
        return {}
    return frame if isinstance(frame, dict) else {}


def acknowledgement(envelope_id: str, response: BoltResponse) -> dict[str, Any]:
    """The frame that acknowledges an envelope, with the listeners' answer where they gave one."""
    frame: dict[str, Any] = {"envelope_id": envelope_id}
    if response.body:
        is_json = response.first_headers().get("content-type", "").startswith("application/json")
        frame["payload"] = json.loads(response.body) if is_json else {"text": response.body}
    return frame
