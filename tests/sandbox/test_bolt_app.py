"""The whole loop with a real Bolt app, over HTTP and over Socket Mode."""

from contextlib import asynccontextmanager

import httpx
import pytest
import pytest_asyncio
from slack_bolt.adapter.asgi.async_handler import AsyncSlackRequestHandler
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.server import SandboxConfig, running_sandbox
from tests.sandbox.conftest import People
from tests.sandbox.recording_app import served, until

CHANNEL = "C0INCIDENTS"
FORM = {
    "type": "modal",
    "callback_id": "open_incident",
    "title": {"type": "plain_text", "text": "Open an incident"},
    "submit": {"type": "plain_text", "text": "Open"},
    "blocks": [
        {
            "type": "input",
            "block_id": "title",
            "label": {"type": "plain_text", "text": "Title"},
            "element": {"type": "plain_text_input", "action_id": "text"},
        }
    ],
}
CARD = [
    {
        "type": "actions",
        "block_id": "card",
        "elements": [
            {"type": "button", "action_id": "acknowledge", "text": {"type": "plain_text", "text": "Acknowledge"}}
        ],
    }
]


def bolt_app(sandbox):
    client = AsyncWebClient(token=sandbox.config.bot_token, base_url=sandbox.api_url)
    app = AsyncApp(client=client, signing_secret=sandbox.config.signing_secret, process_before_response=True)

    @app.command("/incident")
    async def command(ack, body, client):
        await client.views_open(trigger_id=body["trigger_id"], view=FORM)
        await ack()

    @app.view("open_incident")
    async def submitted(ack, view, client):
        title = view["state"]["values"]["title"]["text"]["value"]
        await client.chat_postMessage(channel=CHANNEL, text=title, blocks=CARD)
        await ack()

    @app.event({"type": "message", "subtype": "file_share"})
    async def uploaded(event, client):
        text = ", ".join(file["name"] for file in event["files"])
        await client.chat_postMessage(channel=event["channel"], thread_ts=event["thread_ts"], text=f"read {text}")

    @app.action("acknowledge")
    async def acknowledged(ack, body, client):
        await client.chat_update(
            channel=CHANNEL, ts=body["message"]["ts"], text=f"acknowledged by {body['user']['name']}"
        )
        await ack()

    @app.event("file_shared")
    @app.event("message")
    @app.event("app_mention")
    async def others(event):
        pass

    return app


@asynccontextmanager
async def over_http(sandbox):
    async with served(AsyncSlackRequestHandler(bolt_app(sandbox), path="/slack/events")) as url:
        sandbox.app_url = f"{url}/slack/events"
        yield


@asynccontextmanager
async def over_socket_mode(sandbox):
    handler = AsyncSocketModeHandler(bolt_app(sandbox), sandbox.config.app_token)
    await handler.connect_async()
    await until(lambda: sandbox.sockets.connected)
    yield
    await handler.close_async()


@pytest_asyncio.fixture(params=["http", "socket"])
async def sandbox(request):
    connection = {"http": over_http, "socket": over_socket_mode}[request.param]
    async with running_sandbox(SandboxConfig(mode=request.param)) as running, connection(running):
        yield running


@pytest.mark.asyncio
async def test_command_modal_card_upload_reply_button(sandbox):
    async with httpx.AsyncClient(base_url=sandbox.url, trust_env=False) as client:
        people = People(client)
        assert (await people.post("command", channel=CHANNEL, command="/incident", text=""))["ok"]
        [view] = (await people.get("views"))["stack"]
        entered = {"title": {"text": "db down"}}
        assert (await people.post("view_submit", view_id=view["id"], values=entered))["ok"]
        [card] = await people.messages()
        assert card["text"] == "db down"
        await people.upload(("app.log", b"one"), ("db.log", b"two"), thread_ts=card["ts"])
        await until(lambda: len(sandbox.workspace.messages.thread(CHANNEL, card["ts"])) == 3)
        thread = await people.messages(thread_ts=card["ts"])
        assert thread[-1]["text"] == "read app.log, db.log"
        press = {"channel": CHANNEL, "ts": card["ts"], "block_id": "card", "action_id": "acknowledge"}
        assert (await people.post("action", user="U0BOB", **press))["ok"]
        assert (await people.messages())[0]["text"] == "acknowledged by bob"
        await until(lambda: sandbox.deliveries.pending == 0)
        refused = [entry for entry in sandbox.traffic.entries if entry.status != 200]
        assert refused == []
