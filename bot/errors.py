"""One table: what a refusal of the services is over HTTP. In Slack its message is the sentence people read."""

from fastapi import FastAPI, Request
from starlette.responses import JSONResponse

from bot.settings import Settings
from services.errors import BadInput, Conflict, FileTooLarge, FileUnavailable, NotFound, TriageError

STATUS = {FileTooLarge: 413, NotFound: 404, Conflict: 409, BadInput: 422, FileUnavailable: 422}


def http_status(error: TriageError) -> int:
    """The status of the nearest kind in the error's family."""
    return next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 500)


def register(app: FastAPI, settings: Settings) -> None:
    @app.exception_handler(TriageError)
    async def refuse(_request: Request, error: TriageError) -> JSONResponse:
        return JSONResponse({"detail": str(error)}, status_code=http_status(error))

    @app.exception_handler(413)
    async def refuse_size(request: Request, _error: Exception) -> JSONResponse:
        limit, name = (
            (settings.max_upload_bytes, "TRIAGE_MAX_UPLOAD_BYTES")
            if request.url.path.endswith("/logs")
            else (settings.max_request_bytes, "TRIAGE_MAX_REQUEST_BYTES")
        )
        return JSONResponse({"detail": f"The body is larger than the limit of {limit:,} bytes ({name})."}, 413)
