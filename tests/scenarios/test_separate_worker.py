"""More than one machine: the web takes Slack's deliveries, a worker does the work, with Postgres and S3 between them."""

import contextlib
import os
import subprocess
import sys

import httpx
import pytest
from sqlalchemy import text

from bot.commands.serving import bind
from models.database import Database
from sandbox.server import SandboxConfig, running_sandbox
from tests.support.running_bot import eventually
from tests.support.s3 import running_s3
from tests.support.workplace import MANIFEST, Workplace, text_of

pytestmark = pytest.mark.asyncio

# More than one part of an upload to S3.
LOG = b"2026-03-01 10:00:00 INFO fine\n" * 300_000 + b"2026-03-01 10:01:00 ERROR pool: connection pool exhausted\n"


@pytest.fixture
def s3():
    with running_s3() as server:
        yield server


@contextlib.contextmanager
def process(log, environment, *words):
    with log.open("wb") as output:
        started = subprocess.Popen(
            [sys.executable, "-m", "bot.cli", *words],
            env={**os.environ, **environment},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            yield started
        finally:
            started.terminate()
            assert started.wait(20) == 0, log.read_text()


async def places(url):
    """Of a worker, and those of them that one workspace may take."""
    database = Database(url)
    async with database.read() as session:
        rows = await session.execute(text("SELECT worker_concurrency, partition_worker_concurrency FROM dbos.queues"))
        found = [tuple(row) for row in rows]
    await database.close()
    return found


async def test_web_and_worker_share_the_work_over_postgres_and_s3(tmp_path, migrated_postgres_url, s3):
    with bind("127.0.0.1", 0) as reserved:
        port = reserved.getsockname()[1]
    config = SandboxConfig(app_url=f"http://127.0.0.1:{port}/slack/events", manifest=MANIFEST)
    async with (
        running_sandbox(config) as sandbox,
        httpx.AsyncClient(base_url=sandbox.url, timeout=30) as http,
    ):
        bucket = s3.make_bucket()
        environment = {
            **s3.environment,
            "TRIAGE_ARTIFACTS_URL": f"s3://{bucket}/of/triage",
            "SLACK_BOT_TOKEN": config.bot_token,
            "SLACK_SIGNING_SECRET": config.signing_secret,
            "DATABASE_URL": migrated_postgres_url,
            "TRIAGE_PORT": str(port),
            "TRIAGE_DATA_DIR": str(tmp_path),
            "TRIAGE_SLACK_API_URL": sandbox.api_url,
        }
        with (
            process(tmp_path / "web.log", environment, "serve", "--no-worker"),
            process(tmp_path / "worker.log", environment, "worker", "--concurrency", "3"),
        ):

            async def ready():
                with contextlib.suppress(httpx.TransportError):
                    return (await http.get(f"http://127.0.0.1:{port}/readyz")).status_code == 200

            await eventually(ready, within_seconds=60)
            place = Workplace(sandbox, None, http)
            card = await place.open_incident()
            await place.upload(("app.log", LOG), thread_ts=card["ts"])
            assert "app.log:300001" in text_of(await place.triage(card))
            await place.press(card, "incident_acknowledge")
            await place.card(status="acknowledged")
            assert await places(migrated_postgres_url) == [(3, 2)]
    assert not (tmp_path / "artifacts").exists()
    kept = sorted(key.split("/")[2] for key in s3.keys(bucket))
    assert set(kept) >= {"reports", "uploads"}
    assert "probe" not in kept
    assert s3.unfinished_uploads(bucket) == []
    assert "working" in (tmp_path / "worker.log").read_text()
    assert "Traceback" not in (tmp_path / "web.log").read_text() + (tmp_path / "worker.log").read_text()
