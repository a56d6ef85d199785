"""What delivers a message. The one that talks to Slack lives in bot/slack; tests have one that remembers."""

from dataclasses import dataclass
from typing import Any, Protocol

from models.messaging import MessageKind


@dataclass(frozen=True, slots=True)
class Envelope:
    """An outbox row as the notifier sees it: what to show, where, and whether it may already be there.

    attempts: how often it was tried before.
    """

    id: str
    key: str
    kind: MessageKind
    incident_id: str | None
    channel: str
    thread_ts: str | None
    payload: dict[str, Any]
    message_ts: str | None
    may_exist: bool
    attempts: int = 0


class Notifier(Protocol):
    async def deliver(self, envelope: Envelope) -> str | None:
        """Show the message and return its ts (None where the platform gives none).

        With `message_ts` the message is edited; with `may_exist` a message that carries the envelope's key is looked
        for before a new one is posted.

        Raises:
            PermanentDeliveryError: trying again would not help.
            TransientDeliveryError: worth another try, after `retry_after_seconds` where the platform says so.
        """
        ...
