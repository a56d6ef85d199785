"""Outbox rows as the notifier sees them."""

from models.base import new_id
from services.notifications.notifier import Envelope
from tests.support.workplace import INCIDENTS


def envelope(kind, incident_id=None, **changes):
    facts = {"channel": INCIDENTS, "thread_ts": None, "payload": {}, "message_ts": None, "may_exist": False}
    return Envelope(id=new_id(), key=f"{kind}:{incident_id}", kind=kind, incident_id=incident_id, **(facts | changes))
