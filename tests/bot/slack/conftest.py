from dataclasses import dataclass
from typing import Any

import httpx
import pytest_asyncio
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.client import make_client, open_session
from sandbox.server import Sandbox, SandboxConfig, running_sandbox
from tests.support.running_bot import settings_for
from tests.support.workplace import INCIDENTS, MANIFEST


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
