"""While the database is away there is nothing to do but to wait: giving up could not be written down either."""

import asyncio
import logging
import random
import socket
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolExhausted

log = logging.getLogger(__name__)

T = TypeVar("T")

FIRST_WAIT_SECONDS = 0.3
LONGEST_WAIT_SECONDS = 5.0
# Classes of SQLSTATE: connection, rollback for the sake of another, resources, the operator's hand, the system's fault.
PASSING_STATES = ("08", "40", "53", "57", "58")
PASSING_WORDS = (
    "database is locked",
    "database or disk is full",
    "disk I/O error",
)  # SQLite has words in place of states


async def until_the_database_answers(action: Callable[..., Coroutine[Any, Any, T]], *args: object) -> T:
    """The result of `action`, begun anew for as long as the database is away. It must bear being repeated."""
    wait_seconds = FIRST_WAIT_SECONDS
    while True:
        try:
            return await action(*args)
        except (DBAPIError, PoolExhausted, OSError) as error:
            if not is_away(error):
                raise
            log.warning("waiting for the database: %s", str(error).splitlines()[0])
        await asyncio.sleep(wait_seconds * random.uniform(0.5, 1.0))  # noqa: S311  # jitter, no secret
        wait_seconds = min(2 * wait_seconds, LONGEST_WAIT_SECONDS)


def is_away(error: Exception) -> bool:
    """Whether the database did not answer, or could not just now; a statement it refuses is none of that."""
    if isinstance(
        error, OSError
    ):  # the driver's, before there is a connection; several addresses make one bare OSError
        return isinstance(error, ConnectionError | socket.gaierror) or str(error).startswith("Multiple exceptions")
    if not isinstance(error, DBAPIError):
        return isinstance(error, PoolExhausted)
    state = str(getattr(error.orig, "sqlstate", None) or "")
    words = str(error.orig)
    return error.connection_invalidated or state.startswith(PASSING_STATES) or any(w in words for w in PASSING_WORDS)
