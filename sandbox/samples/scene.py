"""What the players of the story share: a clock, a source of chance, three logs, and notes for the answer sheet."""

import heapq
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from random import Random
from typing import TextIO

BEGIN = datetime(2026, 3, 12, 13, 50, tzinfo=UTC)
APPLICATION, DATABASE, PROXY = "checkout-api.log", "postgres.log", "nginx.log"


def seconds_at(clock: str) -> float:
    """The seconds from the beginning to "HH:MM:SS" of the story's day."""
    hour, minute, second = (int(part) for part in clock.split(":"))
    return (BEGIN.replace(hour=hour, minute=minute, second=second) - BEGIN).total_seconds()


class LogFile:
    """A log being written; it knows the number of its last line."""

    def __init__(self, stream: TextIO, name: str) -> None:
        self.name = name
        self.lines = 0
        self._stream = stream

    def write(self, *lines: str) -> int:
        """Append lines; return the number of the first of them."""
        first = self.lines + 1
        self.lines += len(lines)
        self._stream.write("\n".join(lines) + "\n")
        return first


class Scene:
    """The clock and the agenda of the story, its three logs, and what is to be remembered of it."""

    def __init__(self, directory: Path, *, seed: int, scale: float) -> None:
        self.random = Random(seed)  # noqa: S311 - a story, not a secret
        self.scale = scale
        self.now = 0.0
        self.evidence: list[dict[str, object]] = []
        self._agenda: list[tuple[float, int, Callable[[], object]]] = []
        self._order = count()
        self._streams = [(directory / name).open("w") for name in (APPLICATION, DATABASE, PROXY)]
        self.application, self.database, self.proxy = (
            LogFile(stream, name) for stream, name in zip(self._streams, (APPLICATION, DATABASE, PROXY), strict=True)
        )

    def after(self, delay_seconds: float, act: Callable[[], object]) -> None:
        """Do `act` when the clock is `delay_seconds` further on."""
        heapq.heappush(self._agenda, (self.now + delay_seconds, next(self._order), act))

    def at(self, clock: str, act: Callable[[], object]) -> None:
        """Do `act` at "HH:MM:SS"."""
        self.after(seconds_at(clock) - self.now, act)

    def now_and_then(self, mean_seconds: float, act: Callable[[], object]) -> None:
        """Do `act` again and again, at intervals of chance."""

        def again() -> None:
            act()
            self.now_and_then(mean_seconds, act)

        self.after(self.random.expovariate(1 / mean_seconds), again)

    def every(self, seconds: float, act: Callable[[], object]) -> None:
        """Do `act` at even intervals."""

        def again() -> None:
            act()
            self.every(seconds, act)

        self.after(seconds, again)

    def play_until(self, clock: str) -> None:
        """Let the story run, then close the logs."""
        end = seconds_at(clock)
        while self._agenda and self._agenda[0][0] <= end:
            self.now, _, act = heapq.heappop(self._agenda)
            act()
        for stream in self._streams:
            stream.close()

    @property
    def time(self) -> datetime:
        """What the clock shows."""
        return BEGIN + timedelta(seconds=self.now)

    def remember(self, log: LogFile, line: int, text: str, *, role: str, why: str) -> None:
        """Note a line that shows what happened; of lines that show the same, the first."""
        if all(note["why"] != why for note in self.evidence):
            note = {"at": self.time.isoformat(), "file": log.name, "line": line, "text": text, "role": role, "why": why}
            self.evidence.append(note)
