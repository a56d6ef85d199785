"""The sandbox's clock: the wall's time, which a test may push forward instead of waiting."""

import time


class Clock:
    def __init__(self) -> None:
        self._ahead_seconds = 0.0

    def now(self) -> float:
        """Seconds since 1970."""
        return time.time() + self._ahead_seconds

    def advance(self, seconds: float) -> None:
        """Let `seconds` pass at once for every rule that counts time: triggers, response URLs, rates."""
        self._ahead_seconds += seconds
