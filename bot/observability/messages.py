"""Messages on their way to Slack: timed, counted by what came of them, and named in what is logged meanwhile."""

import asyncio
import time

import structlog

from bot.observability.metrics import Metrics
from services.errors import DeliveryError, TransientDeliveryError
from services.notifications.notifier import Envelope, Notifier


class WatchedNotifier:
    """The notifier, watched."""

    def __init__(self, notifier: Notifier, metrics: Metrics) -> None:
        self._notifier = notifier
        self._metrics = metrics

    async def deliver(self, envelope: Envelope) -> str | None:
        began, outcome = time.perf_counter(), "failed"
        with structlog.contextvars.bound_contextvars(message=envelope.key, incident_id=envelope.incident_id):
            try:
                ts = await self._notifier.deliver(envelope)
                outcome = "delivered"
            except (DeliveryError, asyncio.CancelledError) as error:
                outcome = _outcome_of(error)
                raise
            finally:
                self._metrics.message_attempts.labels(envelope.kind, outcome).inc()
                self._metrics.message_attempt_seconds.labels(envelope.kind).observe(time.perf_counter() - began)
        return ts


def _outcome_of(error: BaseException) -> str:
    if isinstance(error, asyncio.CancelledError):
        return "cut_off"
    return "postponed" if isinstance(error, TransientDeliveryError) else "refused"
