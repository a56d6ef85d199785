"""One table: what a refusal of the services is over HTTP. In Slack its message is the sentence people read."""

from fastapi import FastAPI, Request
from starlette.responses import JSONResponse

from services.errors import BadInput, Conflict, FileTooLarge, FileUnavailable, NotFound, TriageError

STATUS = {FileTooLarge: 413, NotFound: 404, Conflict: 409, BadInput: 422, FileUnavailable: 422}


def http_status(error: TriageError) -> int:
    """The status of the nearest kind in the error's family."""
    return next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 500)


def register(app: FastAPI) -> None:
    @app.exception_handler(TriageError)
    async def refuse(_request: Request, error: TriageError) -> JSONResponse:
        return JSONResponse({"detail": str(error)}, status_code=http_status(error))
