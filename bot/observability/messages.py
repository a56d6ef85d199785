"""Messages on their way to Slack: timed, counted by what came of them, and named in what is logged meanwhile."""

import asyncio
import time

import structlog
from opentelemetry.trace import SpanKind

from bot.observability.metrics import Metrics
from bot.observability.tracing import span
from services.errors import CredentialsRefused, DeliveryError, RateLimited, ThreadGone, TransientDeliveryError
from services.notifications.notifier import Envelope, Notifier

_OUTCOMES = (
    (asyncio.CancelledError, "cut_off"),
    (RateLimited, "ratelimited"),
    (CredentialsRefused, "token_refused"),
    (ThreadGone, "thread_gone"),
    (TransientDeliveryError, "postponed"),
)


class WatchedNotifier:
    """The notifier, watched."""

    def __init__(self, notifier: Notifier, metrics: Metrics) -> None:
        self._notifier = notifier
        self._metrics = metrics

    async def deliver(self, envelope: Envelope) -> str | None:
        began, outcome = time.perf_counter(), "failed"
        facts = {"triage.message": envelope.key, "triage.incident_id": envelope.incident_id}
        with (
            structlog.contextvars.bound_contextvars(message=envelope.key, incident_id=envelope.incident_id),
            span(f"message {envelope.kind}", facts, kind=SpanKind.PRODUCER, traceparent=envelope.traceparent),
        ):
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
    return next((outcome for kind, outcome in _OUTCOMES if isinstance(error, kind)), "refused")
