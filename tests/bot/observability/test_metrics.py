"""What is counted while people use the bot, and where it can be read."""

import asyncio
import contextlib
import logging
import platform
import re
from importlib.metadata import version

import httpx
import pytest
import pytest_asyncio
from prometheus_client.parser import text_string_to_metric_families

from bot.commands.serving import bind_operations, serving_operations
from bot.observability.metrics import Metrics
from bot.observability.slack_calls import count_calls
from bot.slack.client import make_client, open_session
from sandbox.server import SandboxConfig, running_sandbox
from tests.support.running_bot import api_client, eventually, settings_for
from tests.support.workplace import INCIDENTS, MANIFEST, workplace
from tests.test_repository import ROOT

pytestmark = pytest.mark.asyncio

LOG = b"2026-03-01 10:00:00 INFO fine\n" * 20 + b"2026-03-01 10:01:00 ERROR pool: connection pool exhausted\n"


def values(text) -> dict[tuple, float]:
    """Every sample by its name and the values of its labels."""
    return {
        (sample.name, *(value for name, value in sample.labels.items() if name != "le")): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.labels.get("le", "+Inf") == "+Inf"
    }


def counted(metrics: Metrics) -> dict[tuple, float]:
    return values(metrics.text().decode())


async def test_an_upload_is_counted_from_the_delivery_to_the_message(tmp_path, migrated_sqlite_url):
    async with workplace(tmp_path, migrated_sqlite_url) as place:
        card = await place.open_incident()
        await place.upload(("app.log", LOG), thread_ts=card["ts"])
        await place.triage(card)
        metrics = place.bot.state.parts.metrics

        async def all_sent():
            seen = counted(metrics)
            return seen if seen.get(("triage_message_attempts_total", "report_file", "delivered")) else None

        seen = await eventually(all_sent)
    assert seen["triage_deliveries_total", "command", "acknowledged"] == 1
    assert seen["triage_deliveries_total", "event:message", "acknowledged"] >= 1
    assert seen["triage_deliveries_total", "event:file_shared", "acknowledged"] >= 1
    assert seen["triage_acknowledgement_seconds_count", "http"] >= 3
    for step in ("fetch", "analyse", "conclude"):
        assert seen["triage_step_seconds_count", "done", step] == 1
    assert seen["triage_runs_total", "succeeded"] == 1
    assert seen["triage_message_attempts_total", "card", "delivered"] == 1
    assert seen["triage_message_attempts_total", "triage", "delivered"] >= 1
    assert seen["triage_slack_calls_total", "chat.postMessage", "ok"] >= 2
    assert seen["triage_slack_calls_total", "upload", "ok"] >= 2
    assert seen["triage_slack_calls_total", "download", "ok"] == 1
    assert seen["triage_slack_call_seconds_count", "auth.test"] == 1


async def test_what_goes_wrong_is_counted_with_its_reason(tmp_path, migrated_sqlite_url):
    async with workplace(tmp_path, migrated_sqlite_url) as place:
        card = await place.open_incident()
        file = (await place.upload(("app.log", LOG), thread_ts=card["ts"]))["files"][0]
        await place.triage(card)
        metrics = place.bot.state.parts.metrics
        place.sandbox.faults.add("files.info", "error", error="file_deleted", count=9)
        await place.upload(("gone.log", LOG + b"more\n"), thread_ts=card["ts"])
        await place.triage(card, saying="gone.log")
        logging.getLogger("services.test").error("something unforeseen")
        async with httpx.AsyncClient() as http:
            unsigned = await http.post(place.sandbox.config.app_url, content=b"{}")
        seen = counted(metrics)
    assert file
    assert unsigned.status_code == 401
    assert seen["triage_deliveries_total", "unread", "refused"] == 1
    assert seen["triage_slack_calls_total", "files.info", "refused"] >= 1
    assert seen["triage_logged_errors_total", "services.test"] == 1
    assert seen["triage_runs_total", "partial"] == 1


@pytest_asyncio.fixture
async def called(tmp_path):
    """A client of a workspace whose calls are counted."""
    config = SandboxConfig(app_url="http://127.0.0.1:9/nobody", manifest=MANIFEST)
    async with running_sandbox(config) as sandbox, open_session() as session:
        metrics = Metrics()
        count_calls(session, metrics)
        settings = settings_for(
            None or ROOT, "sqlite://", slack_bot_token=config.bot_token, slack_api_url=sandbox.api_url
        )
        yield sandbox, make_client(settings, session), metrics


@pytest.mark.parametrize(
    ("fault", "result"),
    [
        (None, "ok"),
        (("status", {"status": 429, "retry_after_seconds": 1}), "ratelimited"),
        (("status", {"status": 503}), "unavailable"),
        (("error", {"error": "channel_not_found"}), "refused"),
        (("reset", {}), "unreachable"),
    ],
)
async def test_a_call_is_counted_once_by_what_came_of_it(called, fault, result):
    sandbox, client, metrics = called
    if fault:
        sandbox.faults.add("chat.postMessage", fault[0], **fault[1])
    with contextlib.suppress(Exception):
        await client.chat_postMessage(channel=INCIDENTS, text="hello")
    calls = {key: value for key, value in counted(metrics).items() if key[0] == "triage_slack_calls_total"}
    assert calls == {("triage_slack_calls_total", "chat.postMessage", result): 1}


async def test_every_metric_is_documented_and_every_documented_one_exists():
    document = (ROOT / "docs" / "operations.md").read_text()
    table = set(re.findall(r"^\| `(triage_\w+)`", document, re.MULTILINE))
    anywhere = set(re.findall(r"\btriage_[a-z_]+", document))
    metrics = Metrics()
    exposed = {family.name for family in metrics.registry.collect() if family.name.startswith("triage_")}
    names = {
        f"{family.name}_total" if family.type == "counter" else family.name
        for family in metrics.registry.collect()
        if family.name.startswith("triage_")
    }
    assert exposed
    assert table == names
    assert {re.sub(r"_(bucket|count|sum)$", "", name) for name in anywhere} <= names


async def test_two_apps_in_a_process_do_not_mix():
    one, other = Metrics(), Metrics()
    one.runs.labels("failed").inc()
    assert ("triage_runs_total", "failed") not in counted(other)
    assert counted(one)["triage_runs_total", "failed"] == 1


async def test_the_web_port_shows_metrics_to_whom_it_shows_the_api(tmp_path, migrated_sqlite_url):
    async with api_client(settings_for(tmp_path, migrated_sqlite_url, api_token="a-long-token"), work=False) as api:
        assert (await api.get("/metrics")).status_code == 401
        shown = await api.get("/metrics", headers={"Authorization": "Bearer a-long-token"})
        assert ("triage_build_info", platform.python_version(), version("sre-triage-agent")) in values(shown.text)
        assert shown.headers["content-type"].startswith("text/plain; version=")


async def test_a_port_of_its_own_shows_metrics_and_health_without_a_token(tmp_path, migrated_sqlite_url, caplog):
    settings = settings_for(tmp_path, migrated_sqlite_url, api_token="a-long-token", metrics_port=0)
    caplog.set_level(logging.INFO)
    bound = bind_operations(settings)
    async with api_client(settings, web=False, work=False) as api, serving_operations(api.app, bound):
        url = re.search(r"metrics and health on (http://127.0.0.1:\d+)", caplog.text)[1]
        async with httpx.AsyncClient(base_url=url) as beside:
            assert "triage_build_info" in (await beside.get("/metrics")).text
            assert (await beside.get("/healthz")).json() == {"status": "ok"}
            assert (await beside.get("/readyz")).status_code in (200, 503)
            assert (await beside.get("/incidents")).status_code == 404
    assert asyncio.all_tasks() == {asyncio.current_task()}
