"""Traces from what Slack delivered to what it shows, sent to an OpenTelemetry collector where one is named.

The SDK is loaded only where OTEL_EXPORTER_OTLP_ENDPOINT is set; it reads the other OTEL_ variables itself.
"""

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager, nullcontext
from importlib.metadata import version
from typing import TYPE_CHECKING

from opentelemetry import trace
from opentelemetry.trace import SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

log = logging.getLogger(__name__)

FLUSH_SECONDS = 2.0  # for what was not sent yet when the process ends; a collector that is away must not hold it up
_tracer = trace.get_tracer("triage")
_propagator = TraceContextTextMapPropagator()


@asynccontextmanager
async def tracing(endpoint: str) -> AsyncIterator[None]:
    """Send what is traced to the collector at `endpoint` while the context is open; nothing, where it is empty."""
    if not endpoint:
        yield
        return
    provider = await asyncio.to_thread(_start, endpoint)
    log.info("traces go to %s", endpoint)
    try:
        yield
    finally:
        await asyncio.to_thread(_end, provider)


def span(
    name: str, facts: Mapping[str, str | None], *, kind: SpanKind = SpanKind.INTERNAL, traceparent: str | None = None
) -> AbstractContextManager[None]:
    """A span that is current meanwhile, within the trace that `traceparent` names, else within the current one."""
    return _opened(name, facts, kind, traceparent) if _is_on() else nullcontext()


def _is_on() -> bool:
    return not isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider)


@contextmanager
def _opened(name: str, facts: Mapping[str, str | None], kind: SpanKind, traceparent: str | None) -> Iterator[None]:
    """Of an error only its class is noted: its text may hold what is nobody's business."""
    with _tracer.start_as_current_span(
        name,
        context=_propagator.extract({"traceparent": traceparent}) if traceparent else None,
        kind=kind,
        attributes={fact: value for fact, value in facts.items() if value},
        record_exception=False,
        set_status_on_exception=False,
    ) as opened:
        try:
            yield
        except BaseException as error:
            opened.set_status(Status(StatusCode.ERROR, type(error).__name__))
            raise


def describe_span(name: str, facts: Mapping[str, str | None]) -> None:
    """Name the span that somebody else opened, and say what it is about."""
    current = trace.get_current_span()
    if current.is_recording():
        current.update_name(name)
        current.set_attributes({fact: value for fact, value in facts.items() if value})


def _start(endpoint: str) -> "TracerProvider":
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415  # 50 ms
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415  # the same
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415  # the same
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415  # the same

    resource = Resource.create({"service.version": version("sre-triage-agent")})
    if str(resource.attributes["service.name"]).startswith("unknown_service"):
        resource = resource.merge(Resource({"service.name": "triage"}))
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces")))
    trace.set_tracer_provider(provider)
    logging.getLogger("dbos").addFilter(_is_news)
    return provider


def _end(provider: "TracerProvider") -> None:
    """In a thread that the process does not wait for when it ends."""
    ending = threading.Thread(target=provider.shutdown, daemon=True)
    ending.start()
    ending.join(FLUSH_SECONDS)


def _is_news(record: logging.LogRecord) -> bool:
    """The durable engine warns at every start that its logs go no other way than ours."""
    return "logger provider not set" not in record.getMessage()
