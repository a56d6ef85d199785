"""A cap on request bodies, in front of everything: too large a body is refused before it is held or spooled."""

from fastapi import HTTPException
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

FORM_OVERHEAD_BYTES = 64_000  # the boundaries and headers around an uploaded file


class BodyLimit:
    """ASGI middleware: uploads may be as large as an upload may be, everything else as large as a request may be."""

    def __init__(self, app: ASGIApp, *, max_request_bytes: int, max_upload_bytes: int) -> None:
        self._app = app
        self._max_request_bytes = max_request_bytes
        self._max_upload_bytes = max_upload_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit, sentence = self._limit_of(scope)
        declared = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
        if not declared.isdigit() or int(declared) > limit:
            await JSONResponse({"detail": sentence}, status_code=413)(scope, receive, send)
            return
        received = 0

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > limit:
                raise HTTPException(413, detail=sentence)
            return message

        await self._app(scope, counted, send)

    def _limit_of(self, scope: Scope) -> tuple[int, str]:
        if scope["path"].endswith("/logs"):
            limit = self._max_upload_bytes
            sentence = (
                f"The file is larger than the limit of {limit // 1_000_000} MB (TRIAGE_MAX_UPLOAD_BYTES); compress it "
                "or cut out the window around the failure."
            )
            return limit + FORM_OVERHEAD_BYTES, sentence
        limit = self._max_request_bytes
        return limit, f"The body is larger than {limit} bytes (TRIAGE_MAX_REQUEST_BYTES)."
