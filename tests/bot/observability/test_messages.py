"""Attempts at messages as they are seen from outside the notifier."""

import asyncio

import pytest
import structlog

from bot.observability.messages import WatchedNotifier
from bot.observability.metrics import Metrics
from models.messaging import MessageKind
from services.errors import CredentialsRefused, PermanentDeliveryError, RateLimited, TransientDeliveryError
from services.notifications.notifier import Envelope
from tests.bot.observability.test_metrics import counted

pytestmark = pytest.mark.asyncio

ENVELOPE = Envelope(
    id=1,
    key="card:1",
    kind=MessageKind.CARD,
    incident_id="01INC",
    channel="C1",
    thread_ts=None,
    payload={},
    message_ts=None,
)


class Answering:
    """A notifier that shows the message, or raises."""

    def __init__(self, error=None):
        self.error = error
        self.bound = None

    async def deliver(self, _envelope):
        self.bound = structlog.contextvars.get_contextvars()
        if self.error:
            raise self.error
        return "1.1"


async def test_what_is_shown_is_counted_and_timed_by_kind_and_named_in_the_log():
    metrics, notifier = Metrics(), Answering()
    assert await WatchedNotifier(notifier, metrics).deliver(ENVELOPE) == "1.1"
    seen = counted(metrics)
    assert seen["triage_message_attempts_total", "card", "delivered"] == 1
    assert seen["triage_message_attempt_seconds_count", "card"] == 1
    assert notifier.bound == {"message": "card:1", "incident_id": "01INC"}
    assert structlog.contextvars.get_contextvars() == {}


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (PermanentDeliveryError("channel_not_found"), "refused"),
        (TransientDeliveryError("internal_error"), "postponed"),
        (RateLimited(3.0), "ratelimited"),
        (CredentialsRefused("token_revoked"), "token_refused"),
        (ValueError("ours"), "failed"),
        (asyncio.CancelledError(), "cut_off"),
    ],
)
async def test_what_is_not_shown_is_counted_by_why(error, outcome):
    metrics = Metrics()
    with pytest.raises(type(error)):
        await WatchedNotifier(Answering(error), metrics).deliver(ENVELOPE)
    assert counted(metrics)["triage_message_attempts_total", "card", outcome] == 1
