"""One table: what a refusal of the services is over HTTP. In Slack its message is the sentence people read."""

from fastapi import FastAPI, Request
from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.settings import Settings
from services.errors import (
    BadInput,
    Conflict,
    FileTooLarge,
    FileUnavailable,
    NotFound,
    PassingFault,
    StoreRefused,
    TriageError,
)

STATUS = {
    FileTooLarge: 413,
    NotFound: 404,
    Conflict: 409,
    BadInput: 422,
    FileUnavailable: 422,
    PassingFault: 503,
    StoreRefused: 503,
}


def http_status(error: TriageError) -> int:
    """The status of the nearest kind in the error's family."""
    return next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 500)


def register(app: FastAPI, settings: Settings) -> None:
    @app.exception_handler(TriageError)
    async def refuse(_request: Request, error: TriageError) -> JSONResponse:
        return JSONResponse({"detail": str(error)}, status_code=http_status(error))

    @app.exception_handler(413)
    async def refuse_size(request: Request, _error: Exception) -> JSONResponse:
        return _size_refusal(request.url.path, settings)


class SizeRefusal:
    """Around the whole app: Starlette answers a declared length over the limit by itself, in three bare words."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_refused = False

        async def say_why(message: Message) -> None:
            nonlocal is_refused
            if message["type"] == "http.response.start" and _is_bare(message):
                is_refused = True
                await _size_refusal(scope["path"], self._settings)(scope, receive, send)
            elif not is_refused:
                await send(message)

        await self._app(scope, receive, say_why)


def _size_refusal(path: str, settings: Settings) -> JSONResponse:
    limit, name = (
        (settings.max_upload_bytes, "TRIAGE_MAX_UPLOAD_BYTES")
        if path.endswith("/logs")
        else (settings.max_request_bytes, "TRIAGE_MAX_REQUEST_BYTES")
    )
    return JSONResponse({"detail": f"The body is larger than the limit of {limit:,} bytes ({name})."}, 413)


def _is_bare(message: Message) -> bool:
    """Every refusal of ours is JSON."""
    return message["status"] == 413 and Headers(raw=message["headers"])["content-type"].startswith("text/plain")
