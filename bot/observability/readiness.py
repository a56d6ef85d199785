"""Can this process do its work? Each check answers in a sentence; together they are `/readyz`."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from sqlalchemy.exc import SQLAlchemyError

from services.errors import TriageError

CHECK_SECONDS = 3.0  # a probe waits about that long; what takes longer is not well either
KEEP_SECONDS = 1.0  # whoever asks more often than that hears the same again, and the database nothing

Check = Callable[[], Awaitable[str]]


class NotReady(Exception):
    """Raised by a check; the text says what is wrong and what to do."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a check came out; `says` is a sentence."""

    ready: bool
    says: str


@dataclass(slots=True)
class _Kept:
    check: Check
    keep_seconds: float
    standing: Standing | None = None
    asked_at: float = 0.0
    asking: asyncio.Lock = field(default_factory=asyncio.Lock)


class Readiness:
    """The checks by name."""

    def __init__(self) -> None:
        self._checks: dict[str, _Kept] = {}

    def add(self, name: str, check: Check, *, keep_seconds: float = KEEP_SECONDS) -> None:
        """`check` returns a sentence, or raises NotReady; its answer is kept for a while."""
        self._checks[name] = _Kept(check, keep_seconds)

    async def standing(self, name: str) -> Standing | None:
        """How one check stands, None where there is no such check."""
        kept = self._checks.get(name)
        return await _ask(kept) if kept else None

    async def standings(self) -> dict[str, Standing]:
        """How all stand; they are asked side by side."""
        answers = await asyncio.gather(*(_ask(kept) for kept in self._checks.values()))
        return dict(zip(self._checks, answers, strict=True))


async def _ask(kept: _Kept) -> Standing:
    async with kept.asking:
        if kept.standing is None or time.monotonic() - kept.asked_at >= kept.keep_seconds:
            kept.standing, kept.asked_at = await _answer(kept.check), time.monotonic()
        return kept.standing


async def _answer(check: Check) -> Standing:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            return Standing(ready=True, says=await check())
    except (NotReady, TriageError) as reason:
        return Standing(ready=False, says=str(reason))
    except TimeoutError:
        return Standing(ready=False, says=f"No answer within {CHECK_SECONDS:g} s.")
    except (SQLAlchemyError, OSError) as error:  # its text may name hosts and users, and probes are open to all
        return Standing(ready=False, says=f"It cannot be reached ({type(error).__name__}): see the log.")
