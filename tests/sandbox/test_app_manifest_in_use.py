"""What the manifest does not give the app, the app does not get."""

import httpx
import pytest
import pytest_asyncio

from sandbox.server import SandboxConfig, running_sandbox
from tests.sandbox.conftest import People
from tests.sandbox.recording_app import until

MANIFEST = """
display_information: {name: Pager}
features:
  shortcuts:
    - {name: Page, type: global, callback_id: page, description: someone}
    - {name: Page about this, type: message, callback_id: page_about, description: someone}
oauth_config: {scopes: {bot: [chat:write, app_mentions:read, "channels:history"]}}
settings:
  event_subscriptions: {bot_events: [app_mention]}
  interactivity: {is_enabled: INTERACTIVE}
"""


@pytest_asyncio.fixture(params=["true"])
async def people(request, app, tmp_path):
    manifest = tmp_path / "manifest.yml"
    manifest.write_text(MANIFEST.replace("INTERACTIVE", request.param))
    config = SandboxConfig(app_url=app.url, manifest=manifest)
    async with running_sandbox(config) as sandbox, httpx.AsyncClient(base_url=sandbox.url) as client:
        yield People(client)


@pytest.mark.asyncio
async def test_events_that_are_not_subscribed_to_are_not_delivered(app, people):
    await people.say("@Pager hello")
    await until(lambda: app.deliveries)
    assert [event["type"] for event in app.events] == ["app_mention"]


@pytest.mark.asyncio
async def test_a_global_and_a_message_shortcut(app, people):
    message = await people.say("look at this")
    assert await people.post("shortcut", callback_id="page") == {"ok": True}
    where = {"channel": "C0INCIDENTS", "ts": message["ts"]}
    assert await people.post("shortcut", callback_id="page_about", **where) == {"ok": True}
    everywhere, about = [delivery.payload for delivery in app.deliveries]
    assert (everywhere["type"], everywhere["callback_id"]) == ("shortcut", "page")
    assert "channel" not in everywhere
    assert (about["type"], about["message"]["text"], about["message_ts"]) == (
        "message_action",
        "look at this",
        message["ts"],
    )
    assert about["trigger_id"]
    assert about["response_url"]


@pytest.mark.asyncio
async def test_a_shortcut_in_the_wrong_place_or_not_there(app, people):
    assert (await people.post("shortcut", callback_id="page_about"))["error"] == "unknown_shortcut"
    assert (await people.post("shortcut", callback_id="dance"))["error"] == "unknown_shortcut"
    assert app.deliveries == []


@pytest.mark.asyncio
async def test_a_command_of_another_app(people):
    answer = await people.post("command", channel="C0INCIDENTS", command="/incident", text="")
    assert answer["error"] == "unknown_command"


@pytest.mark.asyncio
@pytest.mark.parametrize("people", ["false"], indirect=True)
async def test_without_interactivity_nothing_interactive_works(app, people):
    assert (await people.post("shortcut", callback_id="page"))["error"] == "interactivity_disabled"
    assert app.deliveries == []
