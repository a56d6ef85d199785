"""When a process is struck: a moment of its work, written to a file that the process reads before each step it takes."""

import json
import math
import os
import signal
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

KILL, PAUSE = int(signal.SIGKILL), int(signal.SIGSTOP)


@dataclass(frozen=True, slots=True)
class Moment:
    """Before or after a call, or before or after the commit that follows it in the same task.

    Attributes:
        call: as `wrapping.py` names it: `delivery`, `step:fetch`, `slack:chat.postMessage`, `intake`, ...
        side: "before", "after", or what else that call knows (`noted` of a step, `middle` of a download).
        about: what the call's arguments must contain, as text.
        commit: "" for the call itself, else the side of the next commit.
        delay_seconds: the blow falls so much later, from beside.
        number: the signal.
    """

    call: str
    side: str = "before"
    about: str = ""
    commit: str = ""
    delay_seconds: float = 0.0
    number: int = KILL


class Orders:
    """At most one moment is ordered at a time; whoever meets it takes it, so that it strikes once."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "order.json"
        self._taken = folder / "struck.json"

    def give(self, moment: Moment) -> None:
        self._taken.unlink(missing_ok=True)
        written = self._path.with_suffix(".new")
        written.write_text(json.dumps(asdict(moment)))
        written.rename(self._path)

    def pending(self) -> Moment | None:
        try:
            return Moment(**json.loads(self._path.read_text()))
        except FileNotFoundError:
            return None

    def take(self) -> bool:
        """False where another process was faster."""
        try:
            self._path.rename(self._taken)
        except FileNotFoundError:
            return False
        return True

    def withdraw(self) -> None:
        self._path.unlink(missing_ok=True)

    @property
    def was_taken(self) -> bool:
        return self._taken.exists()

    @property
    def taken_at(self) -> float:
        """Seconds since 1970; infinite before."""
        return self._taken.stat().st_ctime if self.was_taken else math.inf


class Journal:
    """What the bots of one folder did, a line each; a line is one write, so a kill loses none that was begun."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "journal.jsonl"

    def note(self, event: str, **facts: Any) -> None:
        line = json.dumps({"event": event, "pid": os.getpid(), **facts}) + "\n"
        descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            os.write(descriptor, line.encode())
        finally:
            os.close(descriptor)

    def lines(self) -> list[dict[str, Any]]:
        """All that are whole: the last may be on its way."""
        whole, _, _ = self.path.read_text().rpartition("\n") if self.path.exists() else ("", "", "")
        return [json.loads(line) for line in whole.splitlines()]
