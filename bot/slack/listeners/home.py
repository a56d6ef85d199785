"""App Home and the global shortcut: two more doors to the same rooms."""

from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.blocks import answers, modals
from bot.slack.delivery import Desk, note
from bot.slack.forms import open_form_once
from services.incidents import incident_service

LISTED = 20


def register(app: AsyncApp, desk: Desk) -> None:
    @app.event("app_home_opened")
    async def home_opened(ack: AsyncAck, body: dict[str, Any], event: dict[str, Any], client: AsyncWebClient) -> None:
        if event.get("tab") == "home":
            async with desk.database.read() as session:
                page = await incident_service.list_incidents(
                    session, page=1, per_page=LISTED, status="open", workspace=desk.identity.team_id
                )
            await client.views_publish(
                user_id=event["user"], view={"type": "home", "blocks": answers.home_blocks(page)}
            )
        # Last: to show it twice does no harm, not to show it does.
        await note(desk, body, "event:app_home_opened", "shown")
        await ack()

    @app.shortcut("open_incident")
    async def open_incident(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient) -> None:
        form = modals.new_incident_modal(channel="")
        await open_form_once(desk, body, client, form, kind="shortcut:open_incident")
        await ack()
