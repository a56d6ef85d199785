"""The sandbox as a web application: which address is answered by what, and what pages may do."""

import urllib.parse
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sandbox.assembly import Sandbox
from sandbox.people.acting import Acting
from sandbox.people.controlling import Controlling
from sandbox.people.seeing import Seeing
from sandbox.refusal import Refused
from sandbox.responses import ResponseUrlEndpoint
from sandbox.transfers import Transfers
from sandbox.web_api.endpoint import WebApi

_PAGE = Path(__file__).parent / "page"
# Nothing from elsewhere, nothing inline: text from a log can never run or load anything.
_PAGE_HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "font-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
}


def web_application(sandbox: Sandbox) -> Starlette:
    transfers = Transfers(sandbox)
    people = [*Seeing(sandbox).routes(), *Acting(sandbox).routes(), *Controlling(sandbox).routes()]
    routes = [
        Route("/api/{method}", WebApi(sandbox).serve, methods=["GET", "POST"]),
        Route("/upload/v1/{ticket}", transfers.upload, methods=["POST", "PUT"]),
        Route("/files-pri/{team}-{file}/download/{name:path}", transfers.download),
        Route("/files-pri/{team}-{file}/{name:path}", transfers.download),
        Route("/response/{key}", ResponseUrlEndpoint(sandbox).serve, methods=["POST"]),
        Route("/archives/{channel}", _to_channel),
        Route("/archives/{channel}/p{ts}", _Permalinks(sandbox).serve),
        Route("/files/{user}/{file}/{name:path}", _to_file),
        WebSocketRoute("/link/", sandbox.sockets.serve),
        Mount("/people", routes=people),
        Mount("/", StaticFiles(directory=_PAGE, html=True, check_dir=False)),
    ]
    middleware = [
        # A page of another site, under a name it made point here, is turned away.
        Middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost", "[::1]"]),
        Middleware(_GuardPeople),
    ]
    return Starlette(routes=routes, middleware=middleware, exception_handlers={Refused: _refused})


async def _refused(_request: Request, refusal: Exception) -> Response:
    assert isinstance(refusal, Refused)
    return JSONResponse({"ok": False, "error": refusal.error, **refusal.facts}, refusal.status)


class _Permalinks:
    def __init__(self, sandbox: Sandbox) -> None:
        self._messages = sandbox.workspace.messages

    async def serve(self, request: Request) -> Response:
        """A permalink leads to the page, into the message's thread."""
        channel, digits = request.path_params["channel"], request.path_params["ts"]
        ts = f"{digits[:-6]}.{digits[-6:]}"
        message = self._messages.find(channel, ts)
        thread_ts = message.thread_ts if message else request.query_params.get("thread_ts")
        return _to_page(channel, thread_ts or ts)


async def _to_channel(request: Request) -> Response:
    return _to_page(request.path_params["channel"])


def _to_page(*place: str) -> Response:
    return RedirectResponse("/#/" + "/".join(urllib.parse.quote(each, safe="") for each in place))


async def _to_file(request: Request) -> Response:
    return RedirectResponse(f"/people/file/{request.path_params['file']}")


class _GuardPeople:
    """Headers for all that a browser shows; and no acting as people from a page of another origin."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        origin = request.headers.get("origin")
        if request.url.path.startswith("/people/") and origin not in (None, str(request.base_url).rstrip("/")):
            await PlainTextResponse("Only the sandbox's own page acts for people.", 403)(scope, receive, send)
            return
        await self._app(scope, receive, _with_headers(send))


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            present = {name.lower() for name, _ in message["headers"]}
            extra = [(name.encode(), value.encode()) for name, value in _PAGE_HEADERS.items()]
            message["headers"] = [*message["headers"], *(each for each in extra if each[0] not in present)]
        await send(message)

    return sending
