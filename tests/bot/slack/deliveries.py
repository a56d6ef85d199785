"""Deliveries as Slack makes them, and the Bolt app they are handed to without a server."""

import itertools
import json
from contextlib import asynccontextmanager
from urllib.parse import urlencode

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer
from slack_bolt.async_app import AsyncBoltRequest
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.delivery import BotIdentity, Desk
from bot.slack.receiving import receive
from models.database import Database
from services.jobs.dbos_jobs import DbosJobs

ALICE, INCIDENTS, WORKSPACE = "U0ALICE", "C0INCIDENTS", "T0SANDBOX"
IDENTITY = BotIdentity(WORKSPACE, "U0BOT", "B0BOT")
_numbers = itertools.count(1)


@asynccontextmanager
async def open_desk(url, **options):
    """A desk whose jobs are enqueued and not run."""
    database = Database(url, **options)
    jobs = DbosJobs(database, concurrency=1)
    await jobs.start(work=False)
    yield Desk(database, jobs, IDENTITY)
    await jobs.stop()
    await database.close()


class RecordingSlack:
    """A Web API that says yes to everything, or no with `error`, and remembers what it was asked."""

    def __init__(self):
        self.calls = []
        self.error = None

    async def answer(self, request):
        self.calls.append(request.match_info["method"])
        return web.json_response({"ok": not self.error} | ({"error": self.error} if self.error else {}))


@asynccontextmanager
async def recording_slack():
    slack = RecordingSlack()
    app = web.Application()
    app.router.add_post("/api/{method}", slack.answer)
    async with TestServer(app) as server, aiohttp.ClientSession() as session:
        slack.client = AsyncWebClient(
            token="xoxb-not-a-real-token", base_url=str(server.make_url("/api/")), session=session
        )
        yield slack


def event(kind, **facts):
    number = next(_numbers)
    facts = {"type": kind, "user": ALICE, "channel": INCIDENTS, "ts": f"1700000001.{number:06}"} | facts
    return {"type": "event_callback", "team_id": WORKSPACE, "event_id": f"Ev{number}", "event": facts}


def command(text, **facts):
    return {
        "command": "/incident",
        "text": text,
        "user_id": ALICE,
        "channel_id": INCIDENTS,
        "channel_name": "incidents",
        "trigger_id": f"{next(_numbers)}.command",
    } | facts


def press(action_id, value):
    return {
        "type": "block_actions",
        "user": {"id": ALICE},
        "channel": {"id": INCIDENTS},
        "message": {"ts": "1.1"},
        "trigger_id": f"{next(_numbers)}.press",
        "actions": [{"type": "button", "action_id": action_id, "block_id": "b", "value": value}],
    }


def submission(callback_id, values, private_metadata=""):
    view = {
        "id": "V1",
        "type": "modal",
        "callback_id": callback_id,
        "private_metadata": private_metadata,
        "blocks": [{"block_id": name} for name in values],
        "state": {"values": {name: {name: {"value": value}} for name, value in values.items()}},
        "hash": "1.hash",
    }
    return {
        "type": "view_submission",
        "user": {"id": ALICE},
        "trigger_id": f"{next(_numbers)}.view",
        "view": view,
    }


def encoded(body):
    """The body and its content type, as they come over HTTP."""
    if "event" in body:
        return json.dumps(body), "application/json"
    fields = body if "command" in body else {"payload": json.dumps(body)}
    return urlencode(fields), "application/x-www-form-urlencoded"


async def deliver(bolt, body, *, retry=0):
    text, content_type = encoded(body)
    headers = {"content-type": [content_type]} | ({"x-slack-retry-num": [str(retry)]} if retry else {})
    return await receive(bolt, AsyncBoltRequest(body=text, headers=headers))
