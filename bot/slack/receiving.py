"""What was delivered, over HTTP or a socket, goes to the listeners; the answer comes while Slack still waits for it."""

import asyncio
import logging
from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, NotSupportedError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from bot.observability.deliveries import FAILED, note_outcome
from services.errors import TriageError

log = logging.getLogger(__name__)

DEADLINE_SECONDS = 2.5  # Slack waits three; what comes later is thrown away there, and holds up others here
SORRY = "Something went wrong on my side and nothing was changed; please try again."
TOO_LATE = (
    "I could not do that within the three seconds that Slack gives; look whether it is done before you try again."
)
_NOT_PASSING = (IntegrityError, ProgrammingError, DataError, NotSupportedError)


async def receive(app: AsyncApp, request: AsyncBoltRequest) -> BoltResponse:
    """The listeners' answer: 200 once everything is committed, else a status that makes Slack send an event again."""
    try:
        async with asyncio.timeout(DEADLINE_SECONDS):
            return await app.async_dispatch(request)
    except TimeoutError:
        log.warning("a delivery was not handled within %.1f s and is refused", DEADLINE_SECONDS)
        return _refusal(503, TOO_LATE, request.body)


async def answer_error(error: Exception, body: dict[str, Any]) -> BoltResponse:
    """A command gets a sentence. An event is refused, so that Slack sends it again, where that may help."""
    if isinstance(error, TriageError):
        return _refusal(200 if "event" in body else 409, str(error), body)
    note_outcome(FAILED)
    if is_passing(error):
        log.warning("a delivery is refused for now: %s: %s", type(error).__name__, str(error).partition("\n")[0])
        return _refusal(503, SORRY, body)
    log.error("a delivery from Slack failed", exc_info=error)
    return _refusal(500, SORRY, body)


def is_passing(error: Exception) -> bool:
    """Whether the database, or Slack, is busy or away: nothing is wrong with the delivery."""
    return isinstance(error, DBAPIError | PoolTimeoutError | OSError) and not isinstance(error, _NOT_PASSING)


def _refusal(status: int, sentence: str, body: dict[str, Any]) -> BoltResponse:
    """For any other status than 200 Slack would show a person no words."""
    return BoltResponse(status=200, body=sentence) if "command" in body else BoltResponse(status=status, body="")
