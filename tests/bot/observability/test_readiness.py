"""What `/readyz` says, and that each of its checks can fail."""

import asyncio
import shutil
from contextlib import asynccontextmanager
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import text, update

from bot.observability import checks
from bot.observability.checks import MAX_LAG_SECONDS, messages_are_sent
from bot.observability.readiness import NotReady, Readiness
from models.base import utc_now
from models.messaging import MessageKind, OutboxMessage, WorkerHeartbeat
from services.artifacts.store import ArtifactStore
from services.notifications import outbox
from tests.bot.observability.test_metrics import values
from tests.support.running_bot import api_client, eventually, settings_for
from tests.support.workplace import workplace

pytestmark = pytest.mark.asyncio


@asynccontextmanager
async def readiness_of(database, tmp_path):
    """The checks of storage over a database and a folder of the test's own."""
    readiness = Readiness()
    checks.add_checks_of_storage(readiness, database, ArtifactStore(f"file://{tmp_path / 'artifacts'}"))
    yield readiness


async def test_a_bot_that_can_work_says_so(tmp_path, migrated_url):
    async with workplace(tmp_path, migrated_url) as place, httpx.AsyncClient() as http:
        url = place.sandbox.config.app_url.removesuffix("/slack/events")
        assert (await http.get(f"{url}/healthz")).json() == {"status": "ok"}
        answer = await http.get(f"{url}/readyz")
        assert answer.status_code == 200, answer.text
        body = answer.json()
        assert body["status"] == "ready"
        expected = {"database", "artifacts", "outbox", "delivery"} | (
            {"worker"} if "postgres" in migrated_url else set()
        )
        assert set(body["checks"]) == expected
        assert all(check["ready"] and check["says"].endswith(".") for check in body["checks"].values())
        assert (await http.get(f"{url}/readyz/database")).json()["checks"].keys() == {"database"}
        assert (await http.get(f"{url}/readyz/weather")).status_code == 404
        metrics = values((await http.get(f"{url}/metrics")).text)
        assert metrics["triage_check_failing", "database"] == 0
        assert metrics["triage_outbox_lag_seconds",] == 0
        assert metrics["triage_queued_runs",] == 0
        assert metrics["triage_analysis_processes",] == 1


async def test_a_database_at_an_older_schema_is_not_ready_and_at_a_newer_one_is(database, tmp_path):
    async with readiness_of(database, tmp_path) as readiness:
        for revision, ready in (("0001", False), ("9999_of_the_next_release", True)):
            readiness._checks["database"].standing = None
            async with database.write() as session:
                await session.execute(
                    text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision}
                )
                await session.commit()
            standing = await readiness.standing("database")
            assert standing.ready == ready, standing
            assert ready or "`triage migrate`" in standing.says


async def test_a_database_that_is_gone_is_not_ready(tmp_path, migrated_postgres_url, request):
    administration = request.getfixturevalue("_administration")
    settings = settings_for(tmp_path, migrated_postgres_url)
    async with api_client(settings, work=False) as api:
        name = migrated_postgres_url.rpartition("/")[2]
        administration.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        administration.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))
        answer = await api.get("/readyz")
        metrics = values((await api.get("/metrics")).text)
        alive = await api.get("/healthz")
        administration.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
    assert answer.status_code == 503
    assert answer.json()["status"] == "not ready"
    for check in ("database", "outbox", "worker"):
        assert not answer.json()["checks"][check]["ready"]
    assert name not in answer.text
    assert metrics["triage_check_failing", "database"] == 1
    assert str(metrics["triage_outbox_lag_seconds",]) == "nan"
    assert alive.status_code == 200


async def test_without_a_live_worker_it_is_not_ready(tmp_path, migrated_postgres_url):
    async with api_client(settings_for(tmp_path, migrated_postgres_url), work=False) as api:
        database = api.app.state.parts.database
        readiness = api.app.state.parts.readiness
        assert "start `triage worker`" in (await readiness.standing("worker")).says
        async with database.write() as session:
            session.add(WorkerHeartbeat(worker_id="w-1", beaten_at=utc_now()))
            await session.commit()
        readiness._checks["worker"].standing = None
        assert (await readiness.standing("worker")).says == "1 worker is alive."
        async with database.write() as session:
            dead = utc_now() - timedelta(seconds=2 * checks.LIVE_SECONDS)
            await session.execute(update(WorkerHeartbeat).values(beaten_at=dead))
            await session.commit()
        readiness._checks["worker"].standing = None
        answer = await api.get("/readyz")
        assert answer.status_code == 503
        assert not answer.json()["checks"]["worker"]["ready"]


async def test_a_message_that_waits_too_long_is_not_ready(database, tmp_path):
    async with database.write() as session:
        await outbox.send(
            session, kind=MessageKind.REPLY, key="k", channel="C0INCIDENTS", thread_ts="1.1", text="hello"
        )
        await session.commit()
    async with readiness_of(database, tmp_path) as readiness:
        assert (await readiness.standing("outbox")).says == "1 message waits."
        late = utc_now() - timedelta(seconds=MAX_LAG_SECONDS + 5)
        async with database.write() as session:
            await session.execute(update(OutboxMessage).values(wanted_at=late))
            await session.commit()
        readiness._checks["outbox"].standing = None
        standing = await readiness.standing("outbox")
        assert not standing.ready
        assert "the oldest for 30" in standing.says
        assert "`triage outbox list`" in standing.says


async def test_a_revoked_token_is_not_ready_until_it_works_again(tmp_path, migrated_sqlite_url):
    async with workplace(tmp_path, migrated_sqlite_url) as place:
        readiness = place.bot.state.parts.readiness

        async def delivery():
            return await readiness.standing("delivery")

        assert (await delivery()).ready
        place.sandbox.faults.add("chat.postMessage", "error", error="token_revoked")
        await place.command("checkout is failing sev1")

        async def refused():
            standing = await delivery()
            return None if standing.ready else standing

        assert "No message is sent" in (await eventually(refused)).says


async def test_without_an_open_socket_it_is_not_ready(tmp_path, migrated_sqlite_url):
    async with workplace(tmp_path, migrated_sqlite_url, mode="socket") as place:
        readiness = place.bot.state.parts.readiness
        assert "connections are open" in (await readiness.standing("socket")).says
        place.sandbox.faults.add("apps.connections.open", "status", status=500, count=50)
        await place.http.post("/people/faults", json={"target": "socket", "kind": "drop"})

        async def closed():
            standing = await readiness.standing("socket")
            return None if standing.ready else standing

        assert "No connection to Slack is open" in (await eventually(closed)).says


async def test_a_loop_that_has_ended_is_not_ready():
    class Dispatcher:
        paused_reason = None

    async def run():
        pass

    running = asyncio.create_task(run())
    check = messages_are_sent(Dispatcher(), running)
    assert await check() == "Messages are sent."
    await running
    with pytest.raises(NotReady, match="restart this process"):
        await check()


async def test_a_store_that_takes_nothing_is_not_ready(database, tmp_path):
    async with readiness_of(database, tmp_path) as readiness:
        assert (await readiness.standing("artifacts")).ready
        shutil.rmtree(tmp_path / "artifacts")
        (tmp_path / "artifacts").write_text("a file where the folder was")
        assert (await readiness.standing("artifacts")).ready, "it is kept for a while"
        readiness._checks["artifacts"].standing = None
        assert not (await readiness.standing("artifacts")).ready


async def test_a_check_that_does_not_answer_fails_and_holds_up_no_other(monkeypatch):
    monkeypatch.setattr("bot.observability.readiness.CHECK_SECONDS", 0.05)

    async def hangs():
        await asyncio.sleep(60)
        return "never"

    async def fine():
        return "Fine."

    readiness = Readiness()
    readiness.add("slow", hangs)
    readiness.add("quick", fine)
    standings = await readiness.standings()
    assert standings["quick"].ready
    assert standings["slow"].says == "No answer within 0.05 s."


async def test_many_probes_ask_once():
    asked = 0

    async def count():
        nonlocal asked
        asked += 1
        await asyncio.sleep(0)
        return "Fine."

    readiness = Readiness()
    readiness.add("counted", count, keep_seconds=60)
    await asyncio.gather(*(readiness.standings() for _ in range(50)))
    assert asked == 1
