"""The connection under a request: what is needed to break it as a network breaks it."""

import asyncio
import contextlib
import socket
import struct
from collections.abc import MutableMapping
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

_TRANSPORT = "sandbox.transport"
# SO_LINGER with no time: closing sends RST instead of FIN.
_RESET = struct.pack("ii", 1, 0)


class BreakableHttp(HttpToolsProtocol):
    """Uvicorn's protocol that also puts its transport into the scope."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        _expose(self.scope, self.transport)


class BreakableWebSocket(WebSocketsSansIOProtocol):
    def handle_connect(self, event: Any) -> None:
        super().handle_connect(event)
        _expose(self.scope, self.transport)


def _expose(scope: Any, transport: asyncio.BaseTransport) -> None:
    scope[_TRANSPORT] = transport


def stop_hearing(scope: MutableMapping[str, Any]) -> asyncio.Transport:
    """Leave unread what the other side sends, until the transport that is returned resumes reading."""
    transport: asyncio.Transport = scope[_TRANSPORT]
    transport.pause_reading()
    return transport


def abort(scope: MutableMapping[str, Any]) -> None:
    """Reset the connection: the other side gets no more bytes and an error."""
    transport: asyncio.Transport = scope[_TRANSPORT]
    plain = transport.get_extra_info("socket")
    if plain is not None:
        with contextlib.suppress(OSError):  # the other side was faster, and there is nothing left to reset
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    transport.abort()
