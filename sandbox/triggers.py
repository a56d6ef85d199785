"""Trigger ids (three seconds, once) and response URLs (thirty minutes, five times)."""

from dataclasses import dataclass

from sandbox.clock import Clock
from sandbox.ids import Ids
from sandbox.refusal import Refused

TRIGGER_SECONDS = 3
RESPONSE_URL_SECONDS = 30 * 60
RESPONSE_URL_USES = 5


@dataclass
class _Trigger:
    user: str
    issued: float
    spent: bool = False


class Triggers:
    def __init__(self, clock: Clock, ids: Ids) -> None:
        self._clock = clock
        self._ids = ids
        self._triggers: dict[str, _Trigger] = {}

    def issue(self, user: str) -> str:
        trigger_id = f"{self._ids.fresh()}.{self._ids.fresh()}.{self._ids.fresh(length=32).lower()}"
        self._triggers[trigger_id] = _Trigger(user, self._clock.now())
        return trigger_id

    def expire(self, trigger_id: str) -> None:
        """Let the three seconds of `trigger_id` be over."""
        self._triggers[trigger_id].issued -= TRIGGER_SECONDS + 1

    def spend(self, trigger_id: str) -> str:
        """The user whose action issued it. Raises Refused: invalid_, expired_ or exchanged_trigger_id."""
        trigger = self._triggers.get(trigger_id)
        if trigger is None:
            raise Refused("invalid_trigger_id")
        if trigger.spent:
            raise Refused("exchanged_trigger_id")
        if self._clock.now() - trigger.issued > TRIGGER_SECONDS:
            raise Refused("expired_trigger_id")
        trigger.spent = True
        return trigger.user


@dataclass
class ResponseTarget:
    """Whom and what a response URL answers: a command (no message) or an action on a message."""

    user: str
    channel: str
    issued: float
    message_ts: str | None = None
    thread_ts: str | None = None
    uses: int = 0


class ResponseUrls:
    def __init__(self, clock: Clock, ids: Ids) -> None:
        self._clock = clock
        self._ids = ids
        self._targets: dict[str, ResponseTarget] = {}

    def issue(self, user: str, channel: str, *, message_ts: str | None = None, thread_ts: str | None = None) -> str:
        """The key of a new response URL."""
        key = self._ids.fresh(length=24)
        self._targets[key] = ResponseTarget(user, channel, self._clock.now(), message_ts, thread_ts)
        return key

    def use(self, key: str) -> ResponseTarget:
        """Raises Refused with status 404: expired_url (also for a key nobody issued) or used_url."""
        target = self._targets.get(key)
        if target is None or self._clock.now() - target.issued > RESPONSE_URL_SECONDS:
            raise Refused("expired_url", status=404)
        if target.uses >= RESPONSE_URL_USES:
            raise Refused("used_url", status=404)
        target.uses += 1
        return target
