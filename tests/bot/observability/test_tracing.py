"""One upload is one trace, as a collector gets it: from the delivery over the job's steps to the messages."""

import asyncio
import gzip
import re
import socket
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
import uvicorn
from fastapi import FastAPI, Request, Response
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from bot.commands.serving import Server, bind
from bot.observability.tracing import span, tracing
from models.traces import current_traceparent
from tests.bot.commands.bot_process import workspace_with_bot
from tests.support.running_bot import eventually

pytestmark = pytest.mark.asyncio

LOG = b"2026-03-01 10:00:00 INFO fine\n" * 20 + b"2026-03-01 10:01:00 ERROR pool: connection pool exhausted\n"


@dataclass
class Collector:
    """Takes OTLP over HTTP, as `/v1/traces` gets it."""

    url: str
    services: set[str] = field(default_factory=set)
    spans: list = field(default_factory=list)

    def take(self, body: bytes) -> None:
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            facts = {pair.key: pair.value.string_value for pair in resource.resource.attributes}
            self.services.add(facts["service.name"])
            self.spans += [span for scope in resource.scope_spans for span in scope.spans]

    def trace_with(self, name: str) -> list:
        """All spans of the newest trace that has a span of that name."""
        ids = [span.trace_id for span in self.spans if span.name == name]
        return [span for span in self.spans if ids and span.trace_id == ids[-1]]


@asynccontextmanager
async def collecting():
    app = FastAPI()

    @app.post("/v1/traces")
    async def traces(request: Request) -> Response:
        body = await request.body()
        collector.take(gzip.decompress(body) if request.headers.get("content-encoding") == "gzip" else body)
        return Response(media_type="application/x-protobuf")

    with bind("127.0.0.1", 0) as bound:
        collector = Collector(f"http://127.0.0.1:{bound.getsockname()[1]}")
        server = Server(uvicorn.Config(app, log_config=None, lifespan="off"))
        serving = asyncio.create_task(server.serve(sockets=[bound]))
        yield collector
        server.stop()
        await serving


def facts_of(span) -> dict[str, str]:
    return {pair.key: pair.value.string_value for pair in span.attributes}


async def test_an_upload_is_one_trace_from_the_delivery_to_the_messages(tmp_path, migrated_url):
    async with (
        collecting() as collector,
        workspace_with_bot(
            tmp_path, migrated_url, OTEL_EXPORTER_OTLP_ENDPOINT=collector.url, OTEL_BSP_SCHEDULE_DELAY="100"
        ) as (place, bot),
    ):
        card = await place.open_incident()
        await place.upload(("app.log", LOG), thread_ts=card["ts"])
        await place.triage(card)

        async def whole_trace():
            spans = collector.trace_with("job triage")
            names = {span.name for span in spans}
            return spans if {"message triage", "message report_file", "conclude"} <= names else None

        spans = await eventually(whole_trace)
        assert await bot.stop() == 0
    by_id = {span.span_id: span for span in spans}
    roots = [span for span in spans if span.parent_span_id not in by_id]
    assert [root.name for root in roots] == ["delivery event:message"]
    names = [span.name for span in spans]
    for step in ("fetch", "analyse", "conclude"):
        assert names.count(step) == 1
    job = next(span for span in spans if span.name == "job triage")
    assert by_id[job.parent_span_id] is roots[0]
    assert {by_id[span.parent_span_id].name for span in spans if span.name in ("fetch", "analyse")} == {"job triage"}
    report = next(span for span in spans if span.name == "message report_file")
    assert by_id[report.parent_span_id].name == "conclude"
    assert facts_of(report)["triage.incident_id"]
    assert facts_of(roots[0])["slack.event_id"].startswith("Ev")
    assert collector.services == {"triage"}
    assert "logger provider not set" not in bot.log
    trace_id = roots[0].trace_id.hex()
    ended = next(line for line in bot.log.splitlines() if "the triage run ended" in line)
    assert trace_id in ended
    assert re.search(r'"run_id": "\w{26}"', ended)


async def test_a_collector_that_does_not_answer_holds_nothing_up(tmp_path, migrated_sqlite_url):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        endpoint = f"http://127.0.0.1:{silent.getsockname()[1]}"
        settings = {"OTEL_EXPORTER_OTLP_ENDPOINT": endpoint, "OTEL_EXPORTER_OTLP_TIMEOUT": "60"}
        async with workspace_with_bot(tmp_path, migrated_sqlite_url, **settings) as (place, bot):
            await place.open_incident()
            assert await bot.stop() == 0


async def test_without_a_collector_nothing_is_traced_and_the_sdk_is_not_loaded(tmp_path):
    import subprocess
    import sys

    program = "import sys, bot.app; print([name for name in sys.modules if name.startswith('opentelemetry.sdk')])"
    run = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    assert run.stdout.strip() == "[]"
    async with tracing(""):
        with span("delivery", {"slack.event_id": "Ev1"}):
            assert current_traceparent() is None


async def test_a_traceparent_is_as_the_standard_has_it():
    from opentelemetry import trace

    context = trace.SpanContext(0xABC, 0xDEF, is_remote=False, trace_flags=trace.TraceFlags(1))
    with trace.use_span(trace.NonRecordingSpan(context)):
        assert current_traceparent() == f"00-{0xABC:032x}-{0xDEF:016x}-01"
