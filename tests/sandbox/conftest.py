import httpx
import pytest_asyncio
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.server import SandboxConfig, running_sandbox
from tests.sandbox.recording_app import RecordingApp, served


class People:
    """The page's calls, by name."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client

    async def post(self, call, expecting=200, **body):
        response = await self.client.post(f"/people/{call}", json={"user": "U0ALICE", **body})
        assert response.status_code == expecting, response.text
        return response.json()

    async def get(self, call, expecting=200, **query):
        response = await self.client.get(f"/people/{call}", params={"user": "U0ALICE", **query})
        assert response.status_code == expecting, response.text
        return response.json()

    async def say(self, text, channel="C0INCIDENTS", **more):
        return (await self.post("messages", channel=channel, text=text, **more))["message"]

    async def upload(self, *files, expecting=200, **fields):
        body = {"user": "U0ALICE", "channel": "C0INCIDENTS", **fields}
        response = await self.client.post("/people/upload", data=body, files=[("file", file) for file in files])
        assert response.status_code == expecting, response.text
        return response.json()

    async def messages(self, channel="C0INCIDENTS", **query):
        return (await self.get("messages", channel=channel, **query))["messages"]


@pytest_asyncio.fixture
async def app():
    recording = RecordingApp()
    async with served(recording) as url:
        recording.url = url
        yield recording


@pytest_asyncio.fixture
async def sandbox(app):
    """A sandbox whose app is the recording one, over HTTP."""
    async with running_sandbox(SandboxConfig(app_url=app.url, ack_timeout_seconds=0.3)) as running:
        yield running


@pytest_asyncio.fixture
async def http(sandbox):
    async with httpx.AsyncClient(base_url=sandbox.url, trust_env=False) as client:
        yield client


@pytest_asyncio.fixture
async def people(http):
    return People(http)


@pytest_asyncio.fixture
async def api(sandbox):
    """Slack's own client, with the bot's token."""
    return AsyncWebClient(token=sandbox.config.bot_token, base_url=sandbox.api_url)
