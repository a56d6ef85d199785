"""The background task of the HTTP routes."""

import logging

from bot.parts import Parts

log = logging.getLogger(__name__)


async def run_triage(parts: Parts, subject_id: str) -> None:
    """Have what was just committed begin at once in place of at the next poll.

    A nudge: it may be lost or repeated without harm, for the job and outbox rows carry the work.
    """
    log.debug("nudged for %s", subject_id)
    if parts.dispatcher is not None:
        parts.dispatcher.wake()
