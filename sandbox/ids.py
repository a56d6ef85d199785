"""Identifiers in Slack's forms."""

import secrets
import string

from sandbox.clock import Clock

_ALPHABET = string.ascii_uppercase + string.digits
_MICROSECONDS = 1_000_000


class Ids:
    """Hands out identifiers; message timestamps are unique and rise, as they are keys in Slack."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last_microseconds = 0

    def fresh(self, prefix: str = "", length: int = 10) -> str:
        return prefix + "".join(secrets.choice(_ALPHABET) for _ in range(length))

    def message_ts(self) -> str:
        """`seconds.microseconds`, greater than every one before."""
        microseconds = max(int(self._clock.now() * _MICROSECONDS), self._last_microseconds + 1)
        self._last_microseconds = microseconds
        return f"{microseconds // _MICROSECONDS}.{microseconds % _MICROSECONDS:06d}"
