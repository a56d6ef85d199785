"""The traffic log: every call the app makes and every delivery it gets, for the page's inspector and for tests."""

import json
from collections import deque
from dataclasses import asdict, dataclass
from typing import Any, Literal

from sandbox.changes import Changes
from sandbox.clock import Clock
from sandbox.json_object import JsonObject

_ENTRIES = 1000
_BODY_CHARACTERS = 20_000

Direction = Literal["to_app", "to_slack"]


@dataclass(frozen=True)
class Entry:
    """One exchange. `status` is an HTTP status, or a word where there was no answer; `retry` counts from 0."""

    seq: int
    at: float
    direction: Direction
    kind: str
    summary: str
    status: int | str
    ms: float
    retry: int
    request: str
    response: str


class Traffic:
    def __init__(self, clock: Clock, changes: Changes, secrets: tuple[str, ...]) -> None:
        self._clock = clock
        self._changes = changes
        self._secrets = secrets
        self._entries: deque[Entry] = deque(maxlen=_ENTRIES)
        self._seq = 0

    def note(
        self,
        direction: Direction,
        kind: str,
        summary: str,
        *,
        status: int | str,
        started: float,
        request: Any = "",
        response: Any = "",
        retry: int = 0,
    ) -> None:
        """Keep one exchange that began at `started` (the clock's seconds)."""
        self._seq += 1
        ms = round((self._clock.now() - started) * 1000, 2)
        bodies = {"request": self._shown(request), "response": self._shown(response)}
        self._entries.append(Entry(self._seq, started, direction, kind, summary, status, ms, retry, **bodies))
        self._changes.publish("traffic", seq=str(self._seq))

    def after(self, seq: int) -> list[JsonObject]:
        return [asdict(entry) for entry in self._entries if entry.seq > seq]

    @property
    def entries(self) -> tuple[Entry, ...]:
        return tuple(self._entries)

    def _shown(self, body: Any) -> str:
        text = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)
        for secret in self._secrets:
            text = text.replace(secret, f"{secret[:5]}***")
        left = len(text) - _BODY_CHARACTERS
        return text if left <= 0 else f"{text[:_BODY_CHARACTERS]}... and {left} characters more"
