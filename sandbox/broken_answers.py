"""Answers as a bad day gives them: the faults of `faults.py` applied to one request."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from typing import Any

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from sandbox.assembly import Sandbox
from sandbox.connection import abort
from sandbox.faults import Fault

Handler = Callable[[Request], Awaitable[Response]]

_SLOW_CHUNKS = 10


async def answered(sandbox: Sandbox, target: str, request: Request, handler: Handler) -> Response:
    """What `handler` answers, unless a fault for `target` is due."""
    fault = sandbox.faults.take(target)
    if fault is None:
        return await handler(request)
    _note(sandbox, fault)
    instead = await _instead(sandbox, fault)
    if instead is not None:
        return instead
    response = await handler(request)
    if fault.kind == "lost":
        return _Reset()
    return _Hampered(response, fault)


def _note(sandbox: Sandbox, fault: Fault) -> None:
    summary = f"{fault.target}: fault {fault.kind}"
    status = fault.status if fault.kind == "status" else fault.kind
    sandbox.traffic.note("to_slack", "fault", summary, status=status, started=sandbox.clock.now())


async def _instead(sandbox: Sandbox, fault: Fault) -> Response | None:
    """The answer of a fault that keeps the work from being done at all."""
    if fault.kind == "status":
        headers = {"Retry-After": str(fault.retry_after_seconds)} if fault.status == 429 else {}
        error = "ratelimited" if fault.status == 429 else "internal_error"
        return JSONResponse({"ok": False, "error": error}, fault.status, headers)
    if fault.kind == "error":
        return JSONResponse({"ok": False, "error": fault.error})
    if fault.kind == "redirect":
        return RedirectResponse(fault.location, 302)
    if fault.kind == "timeout":
        await sandbox.pause(fault.seconds)
        return _Reset()
    return _Reset() if fault.kind == "reset" else None


class _Reset(Response):
    """No answer: the connection is reset."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI's signature
        await _reset(scope, receive)


async def _reset(scope: MutableMapping[str, Any], receive: Receive) -> None:
    abort(scope)
    while (await receive())["type"] != "http.disconnect":
        pass


class _Hampered(Response):
    """The right answer, slowly (over `seconds`) or cut off half way."""

    def __init__(self, whole: Response, fault: Fault) -> None:
        super().__init__()
        self._whole = whole
        self._fault = fault

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await _body(self._whole)
        headers = [(name, value) for name, value in self._whole.raw_headers if name != b"content-length"]
        headers.append((b"content-length", str(len(body)).encode()))
        await send({"type": "http.response.start", "status": self._whole.status_code, "headers": headers})
        if self._fault.kind == "truncated":
            await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
            await asyncio.sleep(0.05)  # what was sent leaves the machine before the reset overtakes it
            await _reset(scope, receive)
            return
        async for chunk in _slowly(body, self._fault.seconds):
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b""})


async def _body(response: Response) -> bytes:
    if isinstance(response, FileResponse):
        return await asyncio.to_thread(_read, str(response.path))
    if isinstance(response, StreamingResponse):
        return b"".join([bytes(chunk) async for chunk in response.body_iterator if not isinstance(chunk, str)])
    return bytes(response.body)


def _read(path: str) -> bytes:
    with open(path, "rb") as file:  # noqa: PTH123 - starlette keeps the path as text
        return file.read()


async def _slowly(body: bytes, seconds: float) -> AsyncIterator[bytes]:
    size = max(1, -(-len(body) // _SLOW_CHUNKS))
    for start in range(0, len(body), size):
        await asyncio.sleep(seconds / _SLOW_CHUNKS)
        yield body[start : start + size]
