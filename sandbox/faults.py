"""Faults on demand: what can go wrong between the app and Slack, made to happen a chosen number of times."""

import random
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sandbox.ids import Ids
from sandbox.json_object import JsonObject

# What an answer of the Web API, a download or an upload can suffer.
ANSWER_KINDS = ("status", "error", "timeout", "reset", "slow", "truncated", "lost", "redirect")
# What a delivery to the app can suffer.
DELIVERY_KINDS = ("duplicate", "delay", "lost")
# What a command or an interaction can suffer on its way to the app.
INTERACTION_KINDS = ("delay", "expired_trigger")
# What happens to the open sockets, at once.
SOCKET_KINDS = ("drop", "disconnect", "warning", "silent")


_KINDS = {"delivery": DELIVERY_KINDS, "interaction": INTERACTION_KINDS, "socket": SOCKET_KINDS}


class BadFault(ValueError):
    """The fault that was asked for makes no sense; the sentence says why."""


class Fault(BaseModel):
    """`count` more times, each with `probability`; the rest is what the kind needs.

    status: `status`, `retry_after_seconds`. error: `error`. timeout, slow, delay, silent: `seconds`. redirect:
    `location`.
    """

    model_config = ConfigDict(extra="forbid", strict=True)

    id: str
    target: str
    kind: str
    count: int = Field(1, ge=1)
    probability: float = Field(1.0, gt=0, le=1)
    status: int = Field(500, ge=200, le=599)
    retry_after_seconds: int = Field(1, ge=0)
    error: str = "internal_error"
    seconds: float = Field(30.0, ge=0)
    location: str = ""


class Faults:
    def __init__(self, ids: Ids, seed: int = 0) -> None:
        self._ids = ids
        self._faults: list[Fault] = []
        self._random = random.Random(seed)  # noqa: S311 - chance for tests, the same in every run

    def add(self, target: str, kind: str, **needs: Any) -> Fault:
        """Raises BadFault for a kind the target cannot suffer or an unknown need."""
        allowed = _KINDS.get(target, ANSWER_KINDS)
        if kind not in allowed:
            raise BadFault(f"{target} knows the faults {', '.join(allowed)}, not {kind}")
        try:
            fault = Fault(**needs, id=self._ids.fresh("FT"), target=target, kind=kind)
        except ValidationError as error:
            first = error.errors()[0]
            raise BadFault(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error
        self._faults.append(fault)
        return fault

    def take(self, target: str) -> Fault | None:
        """The fault that strikes `target` now, if any; it counts as used."""
        for fault in self._faults:
            if fault.target == target and self._random.random() < fault.probability:
                fault.count -= 1
                if fault.count <= 0:
                    self._faults.remove(fault)
                return fault
        return None

    def pending(self) -> list[JsonObject]:
        return [fault.model_dump() for fault in self._faults]

    def clear(self) -> None:
        self._faults.clear()
