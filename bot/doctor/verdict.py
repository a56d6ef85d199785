"""What a check comes to."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    OK = "OK"
    WRONG = "WRONG"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Verdict:
    """`found` says what was seen, or why nothing was looked at; `fix` what to do where it is wrong."""

    check: str
    state: State
    found: str
    fix: str = ""


class Wrong(Exception):
    """A check found something that has to be put right."""

    def __init__(self, found: str, fix: str) -> None:
        super().__init__(found)
        self.found, self.fix = found, fix


class Skipped(Exception):
    """A check does not apply, or needs what another one found wrong; the text says which."""
