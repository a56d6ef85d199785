"""The checks, in the order in which they build on each other."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable

from bot.doctor import own_parts, round_trip, slack_access
from bot.doctor.patient import Patient, admitted
from bot.doctor.verdict import Skipped, State, Verdict, Wrong
from bot.settings import Settings

log = logging.getLogger(__name__)

CHECK_SECONDS = 60.0  # the longest is the round trip, whose every step has a shorter one
CHECKS: dict[str, Callable[[Patient], Awaitable[str]]] = {
    "bot token": slack_access.bot_token,
    "clock": slack_access.clock,
    "scopes": slack_access.scopes,
    "signing secret": slack_access.signing_secret,
    "socket": slack_access.socket,
    "incident channel": slack_access.incident_channel,
    "round trip": round_trip.messages_and_files,
    "events": round_trip.events,
    "database": own_parts.database,
    "deliveries": own_parts.deliveries,
    "artifact store": own_parts.artifacts,
    "known problems": own_parts.known_problems,
    "analysis": own_parts.analysis,
}


async def examine(settings: Settings, *, channel: str = "") -> AsyncIterator[Verdict]:
    """Every check's verdict, as it comes. `channel` is where a message and a file may be posted, "" for nowhere."""
    async with admitted(settings, channel) as patient:
        for name, check in CHECKS.items():
            yield await _verdict(name, check, patient)


async def _verdict(name: str, check: Callable[[Patient], Awaitable[str]], patient: Patient) -> Verdict:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            return Verdict(name, State.OK, await check(patient))
    except Skipped as skipped:
        return Verdict(name, State.SKIPPED, str(skipped))
    except Wrong as wrong:
        return Verdict(name, State.WRONG, wrong.found, wrong.fix)
    except Exception as error:  # the boundary: what a check did not foresee must not keep the others from being made
        log.debug("the check %s failed", name, exc_info=error)
        reason = str(error).partition("\n")[0]
        return Verdict(name, State.WRONG, f"the check failed with {type(error).__name__}: {reason}", "see the log")
