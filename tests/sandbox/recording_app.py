"""An app of a few lines that writes down what Slack would send it, served on loopback."""

import asyncio
import json
import socket
import time
import urllib.parse
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import uvicorn
from starlette.responses import JSONResponse, Response

POLL_SECONDS = 0.005
DEADLINE_SECONDS = 5


@dataclass
class Delivery:
    headers: dict
    body: bytes

    @property
    def payload(self):
        if self.headers["content-type"] == "application/json":
            return json.loads(self.body)
        form = dict(urllib.parse.parse_qsl(self.body.decode(), keep_blank_values=True))
        return json.loads(form["payload"]) if "payload" in form else form

    @property
    def event(self):
        return self.payload["event"]


@dataclass
class RecordingApp:
    """`answers` are given in turn, then plain 200s; an answer may be a body, a Response, or seconds to hang."""

    url: str = ""
    deliveries: list = field(default_factory=list)
    answers: list = field(default_factory=list)

    async def __call__(self, scope, receive, send):
        body, more = b"", True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":  # on a busy machine the sandbox may give up before all is read
                return
            body, more = body + message.get("body", b""), message.get("more_body", False)
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        self.deliveries.append(Delivery(headers, body))
        answer = self.answers.pop(0) if self.answers else ""
        if isinstance(answer, int | float):
            await asyncio.sleep(answer)
            answer = ""
        await self._response(answer)(scope, receive, send)

    def _response(self, answer):
        if isinstance(answer, Response):
            return answer
        return JSONResponse(answer) if answer else Response()

    @property
    def events(self):
        return [delivery.event for delivery in self.deliveries if "event" in delivery.payload]

    def of_type(self, kind):
        return [event for event in self.events if event["type"] == kind]


@asynccontextmanager
async def served(app):
    """The URL of `app`, listening until the block ends."""
    listening = socket.socket(proto=socket.IPPROTO_TCP)  # else asyncio leaves Nagle's algorithm on
    listening.bind(("127.0.0.1", 0))
    config = uvicorn.Config(app, lifespan="off", log_config=None, access_log=False)
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    with listening:
        await server.startup(sockets=[listening])
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        for listener in server.servers:
            listener.close()
        for connection in list(server.server_state.connections):
            connection.transport.abort()
        for task in list(server.server_state.tasks):
            task.cancel()
        await asyncio.gather(*server.server_state.tasks, return_exceptions=True)


async def until(condition, what="the condition"):
    """Wait for `condition()` to be true and give what it says."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not (value := condition()):
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        await asyncio.sleep(POLL_SECONDS)
    return value
