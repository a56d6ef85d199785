from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import pytest_asyncio
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.client import make_client, open_session
from bot.slack.notifier import SlackNotifier
from models.database import Database
from models.schemas.report import Report, ReportStats
from models.triage import RunState, TriageReport, TriageRun
from sandbox.server import Sandbox, SandboxConfig, running_sandbox
from services.artifacts.store import ArtifactStore
from services.incidents import incident_service
from tests.support.running_bot import settings_for
from tests.support.workplace import ALICE, INCIDENTS, MANIFEST


@dataclass(frozen=True)
class Slack:
    """A workspace, our client of its Web API, and its page's API."""

    sandbox: Sandbox
    client: AsyncWebClient
    people: httpx.AsyncClient

    def fault(self, target: str, kind: str, **needs: Any) -> None:
        self.sandbox.faults.add(target, kind, **needs)

    async def messages(self, *, channel=INCIDENTS, user="U0ALICE", **query) -> list[dict[str, Any]]:
        answer = await self.people.get("/people/messages", params={"user": user, "channel": channel, **query})
        return answer.json()["messages"]

    async def say(self, text: str, *, channel=INCIDENTS) -> str:
        """A message of Alice's; its ts."""
        body = {"user": "U0ALICE", "channel": channel, "text": text}
        return (await self.people.post("/people/messages", json=body)).json()["message"]["ts"]

    async def upload(self, name: str, body: bytes, *, thread_ts="", channel=INCIDENTS, user="U0ALICE") -> str:
        """A file of a person's; its id."""
        form = {"user": user, "channel": channel, "text": ""} | ({"thread_ts": thread_ts} if thread_ts else {})
        answer = await self.people.post("/people/upload", data=form, files=[("file", (name, body))])
        return answer.json()["files"][0]["id"]

    def calls(self, method: str) -> int:
        """How often the app called a Web API method (or downloaded), faults included."""
        entries = self.sandbox.traffic.after(0)
        return sum(entry["summary"].startswith(f"{method}") for entry in entries)


@pytest_asyncio.fixture
async def slack(tmp_path):
    config = SandboxConfig(app_url="http://127.0.0.1:9/nobody", manifest=MANIFEST)
    async with running_sandbox(config) as sandbox, open_session() as session:
        settings = settings_for(
            tmp_path, "", slack_bot_token=config.bot_token, slack_signing_secret="x", slack_api_url=sandbox.api_url
        )
        async with httpx.AsyncClient(base_url=sandbox.url) as people:
            yield Slack(sandbox, make_client(settings, session), people)


@pytest_asyncio.fixture
async def database(migrated_sqlite_url):
    database = Database(migrated_sqlite_url)
    yield database
    await database.close()


@pytest.fixture
def store(tmp_path):
    return ArtifactStore(f"file://{tmp_path / 'artifacts'}")


@pytest.fixture
def notifier(database, slack, store):
    return SlackNotifier(database, slack.client, store)


@pytest_asyncio.fixture
async def incident(database):
    async with database.write() as session:
        incident = await incident_service.create_incident(
            session, title="checkout is failing", workspace="T0SANDBOX", reporter=ALICE, channel=INCIDENTS
        )
        await session.commit()
        return incident


@pytest_asyncio.fixture
async def run(database, incident):
    """A finished run with a report that found nothing."""
    stats = ReportStats(seconds=1, cpu_seconds=1, bytes=10, lines=3, peak_rss_bytes=1, engine_version="test")
    lists = ("files", "findings", "timeline", "also_considered", "missing", "templates", "series")
    report = Report(onset=None, stats=stats, **{name: [] for name in lists})
    async with database.write() as session:
        run = TriageRun(incident_id=incident.id, number=1, requested_by=ALICE, state=RunState.SUCCEEDED)
        session.add(run)
        await session.flush()
        session.add(TriageReport(run_id=run.id, body=report.to_body()))
        await session.commit()
        return run
