"""Turns at something scarce, fairly: who waits is served by lane, and no lane may hold everything."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass


@dataclass(eq=False, slots=True)
class _Waiting:
    lane: str
    alone: bool
    turn: asyncio.Future[None]


class Turns:
    """So many at a time.

    The next turn is of the lane that holds the fewest, and of those of the one that has waited longest. One turn is
    kept from a lane that holds all others, for as long as nobody else has asked for it.
    """

    def __init__(self, total: int) -> None:
        self._total = total
        self._of_a_lane = max(1, total - 1)
        self._held: Counter[str] = Counter()
        self._is_alone = False
        self._waiting: list[_Waiting] = []

    @asynccontextmanager
    async def turn(self, lane: str, *, alone: bool = False) -> AsyncIterator[None]:
        """Hold a turn; `alone`, while nobody else holds one."""
        waiting = _Waiting(lane, alone, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        self._grant()
        try:
            await waiting.turn
            yield
        finally:
            self._leave(waiting)
            self._grant()

    def _leave(self, left: _Waiting) -> None:
        if left in self._waiting:
            self._waiting.remove(left)
        else:
            self._held[left.lane] -= 1
            self._is_alone = self._is_alone and not left.alone

    def _grant(self) -> None:
        while (following := self._next()) is not None:
            self._waiting.remove(following)
            self._held[following.lane] += 1
            self._is_alone = following.alone
            if not following.turn.done():
                following.turn.set_result(None)

    def _next(self) -> _Waiting | None:
        """Whose turn it is; nobody's while one who must be alone waits for the others to end, or is alone."""
        held = self._held.total()
        if self._is_alone or held >= self._total:
            return None
        candidates = [waiting for waiting in self._waiting if self._held[waiting.lane] < self._of_a_lane]
        following = min(candidates, key=lambda waiting: self._held[waiting.lane], default=None)
        return None if following is None or (following.alone and held) else following
