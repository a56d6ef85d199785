"""Socket Mode: envelopes over WebSockets that the app opened, acknowledged by envelope id."""

import asyncio
import contextlib
import json
import uuid
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from sandbox.changes import Changes
from sandbox.config import SandboxConfig
from sandbox.connection import abort, stop_hearing
from sandbox.directory import APP_ID
from sandbox.ids import Ids
from sandbox.json_object import JsonObject
from sandbox.reply import Envelope, Reply

MOST_CONNECTIONS = 10
# What Slack tells in `hello`: when it will ask for a new connection.
_CONNECTION_LIFE_SECONDS = 18060


class SocketMode:
    """Any of the open connections gets an envelope, in turns."""

    def __init__(self, config: SandboxConfig, ids: Ids, changes: Changes) -> None:
        self._config = config
        self._ids = ids
        self._changes = changes
        self._tickets: set[str] = set()
        self._sockets: list[WebSocket] = []
        self._silent: set[WebSocket] = set()
        self._waiting: dict[str, tuple[WebSocket, asyncio.Future[Any]]] = {}

    @property
    def connected(self) -> bool:
        return bool(self._sockets)

    def issue_ticket(self) -> str:
        """A ticket opens one connection."""
        ticket = self._ids.fresh(length=24)
        self._tickets.add(ticket)
        return ticket

    async def serve(self, socket: WebSocket) -> None:
        """Keep one connection until either side ends it."""
        ticket = socket.query_params.get("ticket", "")
        if ticket not in self._tickets:
            await socket.close(code=1008, reason="invalid ticket")
            return
        self._tickets.discard(ticket)
        await socket.accept()
        if len(self._sockets) >= MOST_CONNECTIONS:
            await self._tell_disconnect(socket, "too_many_websockets")
            return
        await self._converse(socket)

    async def send(self, envelope: Envelope, *, retry: int, reason: str | None) -> Reply:
        if not self._sockets:
            return Reply("no socket", failure="connection_failed")
        socket = self._sockets.pop(0)
        self._sockets.append(socket)
        envelope_id = str(uuid.uuid4())
        acknowledged = asyncio.get_running_loop().create_future()
        self._waiting[envelope_id] = (socket, acknowledged)
        try:
            if socket not in self._silent:
                await socket.send_text(json.dumps(_frame(envelope_id, envelope, retry, reason)))
            body = await asyncio.wait_for(acknowledged, self._config.ack_timeout_seconds)
        except TimeoutError:
            return Reply("timeout", failure="http_timeout")
        except (WebSocketDisconnect, RuntimeError, ConnectionError):
            return Reply("closed", failure="connection_failed")
        finally:
            self._waiting.pop(envelope_id, None)
        return Reply(200, body)

    async def strike(self, kind: str, *, seconds: float = 0) -> None:
        """What a fault does to every open socket: drop, disconnect (asked to come anew), warning, or silent."""
        for socket in list(self._sockets):
            if kind == "drop":
                abort(socket.scope)
            elif kind == "warning":
                await socket.send_text(_disconnect("warning"))
            elif kind == "silent":
                self._fall_silent(socket, seconds)
            else:
                await self._tell_disconnect(socket, "refresh_requested")

    def _fall_silent(self, socket: WebSocket, seconds: float) -> None:
        """The line is dead and neither side is told: nothing goes out, pings stay unanswered."""
        self._silent.add(socket)
        transport = stop_hearing(socket.scope)

        def wake() -> None:
            self._silent.discard(socket)
            if not transport.is_closing():
                transport.resume_reading()

        asyncio.get_running_loop().call_later(seconds, wake)

    async def close(self) -> None:
        for socket in list(self._sockets):
            with contextlib.suppress(RuntimeError, WebSocketDisconnect):
                await socket.close(code=1001)

    async def _converse(self, socket: WebSocket) -> None:
        self._sockets.append(socket)
        self._changes.publish("channel")  # the page shows whether the app is connected
        try:
            await socket.send_text(json.dumps(self._hello()))
            while socket.client_state is WebSocketState.CONNECTED:
                self._take(await socket.receive_text())
        except (WebSocketDisconnect, RuntimeError):
            pass  # the app has gone; what it had not acknowledged is failed below
        finally:
            self._sockets.remove(socket)
            self._changes.publish("channel")
            self._fail_waiting(socket)

    def _hello(self) -> JsonObject:
        return {
            "type": "hello",
            "num_connections": len(self._sockets),
            "debug_info": {
                "host": "sandbox",
                "build_number": 1,
                "approximate_connection_time": _CONNECTION_LIFE_SECONDS,
            },
            "connection_info": {"app_id": APP_ID},
        }

    def _take(self, text: str) -> None:
        """An acknowledgement; what is none, Slack ignores too."""
        try:
            message = json.loads(text)
            _, acknowledged = self._waiting[message["envelope_id"]]
        except (ValueError, KeyError, TypeError):
            return
        if not acknowledged.done():
            acknowledged.set_result(message.get("payload"))

    def _fail_waiting(self, socket: WebSocket) -> None:
        for owner, acknowledged in self._waiting.values():
            if owner is socket and not acknowledged.done():
                acknowledged.set_exception(ConnectionError("the socket closed before the acknowledgement"))

    async def _tell_disconnect(self, socket: WebSocket, reason: str) -> None:
        await socket.send_text(_disconnect(reason))
        await socket.close(code=1000)


def _frame(envelope_id: str, envelope: Envelope, retry: int, reason: str | None) -> JsonObject:
    frame: JsonObject = {
        "envelope_id": envelope_id,
        "type": envelope.kind,
        "payload": envelope.payload,
        "accepts_response_payload": envelope.kind != "events_api",
    }
    if envelope.kind == "events_api":
        frame |= {"retry_attempt": retry, "retry_reason": reason or ""}
    return frame


def _disconnect(reason: str) -> str:
    return json.dumps({"type": "disconnect", "reason": reason, "debug_info": {"host": "sandbox"}})
