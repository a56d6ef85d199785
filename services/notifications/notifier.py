"""What delivers a message. The one that talks to Slack lives in bot/slack; tests have one that remembers."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from models.messaging import MessageKind


@dataclass(frozen=True, slots=True)
class Envelope:
    """An outbox row as the notifier sees it: what to show, where, and whether it may already be there.

    attempts: how often it was tried before, in a row and in vain.
    in_doubt_since: when the first attempt began that may have brought it to Slack without our knowing; None where there
        was none.
    slack_file_ids: the uploads of the last attempt.
    traceparent: the trace of what it tells of, where one is kept.
    """

    id: int
    key: str
    kind: MessageKind
    incident_id: str | None
    channel: str
    thread_ts: str | None
    payload: dict[str, Any]
    message_ts: str | None
    in_doubt_since: datetime | None = None
    attempts: int = 0
    slack_file_ids: list[str] = field(default_factory=list)
    traceparent: str | None = None


class Notifier(Protocol):
    async def deliver(self, envelope: Envelope) -> str | None:
        """Show the message and return its ts (None where the platform gives none).

        With `message_ts` the message is edited, or posted anew where people have deleted it; a message in doubt is
        looked for by its key before it is posted.

        Raises:
            PermanentDeliveryError: trying again would not help.
            TransientDeliveryError: worth another try.
            RateLimited: worth another try, which does not count.
            CredentialsRefused: no message can be delivered.
            ThreadGone: its thread is not there any more.
        """
        ...
