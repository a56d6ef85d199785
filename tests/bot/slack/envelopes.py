"""Outbox rows as the notifier sees them."""

from models.base import utc_now
from services.notifications.notifier import Envelope
from tests.support.workplace import INCIDENTS


def envelope(kind, incident_id=None, *, in_doubt=False, **changes):
    facts = {"channel": INCIDENTS, "thread_ts": None, "payload": {}, "message_ts": None}
    facts["in_doubt_since"] = utc_now() if in_doubt else None
    return Envelope(id=1, key=f"{kind}:{incident_id}", kind=kind, incident_id=incident_id, **(facts | changes))
