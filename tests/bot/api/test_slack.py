"""The door for Slack's deliveries, where they are not yet known to be Slack's."""

import asyncio

import httpx
import pytest
from fastapi import FastAPI

from bot.api.routers import slack
from tests.support.running_bot import settings_for

pytestmark = pytest.mark.asyncio


async def test_a_body_that_does_not_come_is_not_waited_for(tmp_path, monkeypatch):
    monkeypatch.setattr(slack, "BODY_SECONDS", 0.05)
    app = FastAPI()
    app.include_router(slack.slack_router(None, settings_for(tmp_path, "", slack_signing_secret="0" * 32)))

    async def body():
        yield b"{"
        await asyncio.sleep(60)

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://bot.test") as client:
        async with asyncio.timeout(10):
            response = await client.post("/slack/events", content=body())
    assert response.status_code == 408
