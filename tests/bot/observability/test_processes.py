"""Web and worker as processes of their own: both can be scraped and probed, and their logs tell one story."""

import asyncio
import json
import socket

import httpx
import pytest

from tests.bot.commands.bot_process import BotProcess, free_port, triage, workspace_with_bot
from tests.bot.observability.test_metrics import LOG, values
from tests.support.running_bot import eventually

pytestmark = pytest.mark.asyncio


def records(bot) -> list[dict]:
    return [json.loads(line) for line in bot.log.splitlines()]


def the_one(records, event) -> dict:
    (found,) = [record for record in records if record["event"].startswith(event)]
    return found


async def test_a_worker_of_its_own_is_scraped_and_probed_and_the_logs_tell_one_story(tmp_path, migrated_postgres_url):
    async with workspace_with_bot(tmp_path, migrated_postgres_url) as (place, web):
        settings = {**web.settings, "TRIAGE_METRICS_PORT": str(free_port())}
        worker = BotProcess(tmp_path / "worker", settings, ("worker",))
        worker.folder.mkdir()
        try:
            await worker.start()
            card = await place.open_incident()
            await place.upload(("app.log", LOG), thread_ts=card["ts"])
            await place.triage(card)
            urls = web.url, f"http://127.0.0.1:{settings['TRIAGE_METRICS_PORT']}"
            async with httpx.AsyncClient() as http:

                async def counted_by_whoever_did_it():
                    counts = [values((await http.get(f"{url}/metrics")).text) for url in urls]
                    return counts if sum(c.get(("triage_runs_total", "succeeded"), 0) for c in counts) else None

                counts = await eventually(counted_by_whoever_did_it)
                ready = await http.get(f"{urls[1]}/readyz")
            assert [await worker.stop(), await web.stop()] == [0, 0]
        finally:
            worker.kill()
    assert sum(count.get(("triage_step_seconds_count", "done", "analyse"), 0) for count in counts) == 1
    assert all(count["process_cpu_seconds_total",] > 0 for count in counts)
    assert ready.status_code == 200, ready.text
    assert ready.json()["checks"]["worker"]["says"] == "2 workers are alive."
    asked = the_one(records(web), "a triage is requested")
    ended = the_one([*records(web), *records(worker)], "the triage run ended")
    assert asked["event_id"].startswith("Ev")
    assert asked["delivery"] == "event:message"
    assert (ended["run_id"], ended["incident_id"]) == (asked["run_id"], asked["incident_id"])
    assert ended["job"] == "triage"


@pytest.mark.parametrize("command", ["serve", "worker"])
async def test_a_metrics_port_that_is_taken_is_one_sentence(tmp_path, command):
    slack = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1", "DATABASE_URL": "postgresql://u@127.0.0.1:9/d"}
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        settings = {**slack, "TRIAGE_PORT": str(free_port()), "TRIAGE_METRICS_PORT": port}
        run = await asyncio.to_thread(triage, command, cwd=tmp_path, **settings)
    assert run.returncode == 1
    assert run.stderr.startswith(f"Error: Port {port} on 127.0.0.1 cannot be used")
    assert run.stderr.endswith("Set TRIAGE_METRICS_PORT to another one.\n")
    assert run.stderr.count("\n") == 1
