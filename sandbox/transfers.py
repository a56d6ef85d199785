"""The bytes of files: uploads the app posts, downloads it fetches."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, PlainTextResponse, Response

from sandbox.assembly import Sandbox
from sandbox.broken_answers import answered
from sandbox.files import File
from sandbox.login_page import GONE_PAGE, LOGIN_PAGE

_CHUNK_BYTES = 1024 * 1024


class StreamedFile(FileResponse):
    """From disk in pieces large enough that a gigabyte costs little."""

    chunk_size = _CHUNK_BYTES


class Transfers:
    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    async def upload(self, request: Request) -> Response:
        return await answered(self._sandbox, "upload", request, self._receive)

    async def download(self, request: Request) -> Response:
        return await answered(self._sandbox, "download", request, self._send)

    async def _receive(self, request: Request) -> Response:
        started = self._sandbox.clock.now()
        async with _posted(request) as chunks:
            file = await self._sandbox.workspace.files.receive(request.path_params["ticket"], chunks)
        response = PlainTextResponse(f"OK - {file.size}") if file else PlainTextResponse("not_found", 404)
        self._note("upload", file, response, started)
        return response

    async def _send(self, request: Request) -> Response:
        started = self._sandbox.clock.now()
        file = self._sandbox.workspace.files.find(request.path_params["file"])
        response = self._bytes(file, request.headers.get("authorization", ""))
        self._note("download", file, response, started)
        return response

    def _bytes(self, file: File | None, authorization: str) -> Response:
        """Without token or scope it is the login page with status 200, as on Slack: the trap an app has to know."""
        if not self._sandbox.access.may_download(authorization):
            return HTMLResponse(LOGIN_PAGE)
        if file is None or file.deleted or not file.completed:
            return HTMLResponse(GONE_PAGE, 404)
        return StreamedFile(file.path, media_type=file.mimetype, filename=file.name)

    def _note(self, kind: str, file: File | None, response: Response, started: float) -> None:
        answer = response.headers.get("content-type", "")
        summary = f"{kind} {file.name if file else 'of nothing'}"
        self._sandbox.traffic.note(
            "to_slack", kind, summary, status=response.status_code, started=started, response=answer
        )


@asynccontextmanager
async def _posted(request: Request) -> AsyncIterator[AsyncIterator[bytes]]:
    """The raw body, or the files of a form one after the other: Slack takes both."""
    if not request.headers.get("content-type", "").startswith("multipart/"):
        yield request.stream()
        return
    async with request.form() as form:
        yield _chunks([value for value in form.values() if isinstance(value, UploadFile)])


async def _chunks(uploads: list[UploadFile]) -> AsyncIterator[bytes]:
    for upload in uploads:
        while chunk := await upload.read(_CHUNK_BYTES):
            yield chunk
