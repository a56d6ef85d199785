"""Deliveries of Slack as they are seen from outside: counted by kind and outcome, timed, named in what is logged."""

import time
from contextvars import ContextVar
from typing import Any

import structlog
from opentelemetry.trace import SpanKind
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from slack_bolt.response import BoltResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.observability.metrics import Metrics
from bot.observability.tracing import span

PATH = "/slack/events"
# What the manifest subscribes to; whatever else may come shares one name.
EVENTS = frozenset({"message", "file_shared", "app_mention", "app_home_opened"})
INTERACTIONS = {
    "block_actions": "action",
    "view_submission": "view",
    "view_closed": "view",
    "shortcut": "shortcut",
    "message_action": "shortcut",
    "block_suggestion": "options",
    "url_verification": "url_verification",
}
ACKNOWLEDGED, FAILED, UNREAD = "acknowledged", "failed", "unread"
_outcome: ContextVar[str] = ContextVar("outcome", default=ACKNOWLEDGED)


def note_outcome(outcome: str) -> None:
    """Say what became of the delivery that is being handled, where it is another than `acknowledged`."""
    _outcome.set(outcome)


def kind_of(body: dict[str, Any]) -> str:
    """`event:message`, `command`, `action`, …: a few words, whatever is delivered."""
    if body.get("type") == "event_callback":
        name = (body.get("event") or {}).get("type")
        return f"event:{name if name in EVENTS else 'other'}"
    return "command" if "command" in body else INTERACTIONS.get(str(body.get("type")), "other")


class WatchedApp(AsyncApp):
    """The Bolt app, watched where the deliveries of HTTP and of Socket Mode both pass."""

    def __init__(self, metrics: Metrics, **options: Any) -> None:
        super().__init__(**options)
        self._metrics = metrics

    async def async_dispatch(self, req: AsyncBoltRequest) -> BoltResponse:
        """Handle one delivery."""
        began, kind = time.perf_counter(), kind_of(req.body)
        event_id = req.body.get("event_id") or req.body.get("trigger_id")
        note_outcome(ACKNOWLEDGED)
        failed = True
        try:
            with (
                structlog.contextvars.bound_contextvars(delivery=kind, event_id=event_id),
                span(f"delivery {kind}", {"slack.event_id": event_id}, kind=SpanKind.CONSUMER),
            ):
                response: BoltResponse = await super().async_dispatch(req)
            failed = response.status >= 500
        finally:
            self._metrics.deliveries.labels(kind, FAILED if failed else _outcome.get()).inc()
            if req.mode == "socket_mode":
                self._metrics.acknowledgement_seconds.labels("socket").observe(time.perf_counter() - began)
        return response


class AnswerTimes:
    """Around the web app: how long Slack waits for an answer, and how many deliveries are refused unread."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != PATH:
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        note_outcome(UNREAD)

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._metrics.acknowledgement_seconds.labels("http").observe(time.perf_counter() - began)
                if _outcome.get() == UNREAD:
                    self._metrics.deliveries.labels(UNREAD, "refused").inc()
            await send(message)

        await self._app(scope, receive, answer)
