"""Delivers outbox messages to Slack: draws them from the database, posts or edits, and finds what a crash hid."""

import asyncio
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.blocks.card import card_blocks, card_text
from bot.slack.blocks.triage import triage_blocks, triage_text
from bot.slack.client import delivery_error, error_of
from models.database import Database
from models.messaging import MessageKind
from services.errors import PermanentDeliveryError
from services.incidents import incident_service
from services.notifications.notifier import Envelope
from services.triage import triage_service
from services.triage.markdown import report_markdown

EVENT_TYPE = "triage_message"
HISTORY_LIMIT = 100
Drawn = tuple[str, list[dict[str, Any]] | None]


class SlackNotifier:
    """The `Notifier` of the product."""

    def __init__(self, database: Database, client: AsyncWebClient) -> None:
        self._database = database
        self._client = client

    async def deliver(self, envelope: Envelope) -> str | None:
        try:
            return await self._deliver(envelope)
        except (SlackApiError, aiohttp.ClientError, TimeoutError, asyncio.IncompleteReadError) as error:
            raise delivery_error(error) from error

    async def _deliver(self, envelope: Envelope) -> str | None:
        if envelope.kind == MessageKind.REPORT_FILE:
            return await self._upload_report(envelope)
        if envelope.kind == MessageKind.EPHEMERAL:
            return await self._whisper(envelope)
        text, blocks = await self._draw(envelope)
        if envelope.message_ts:
            await self._client.chat_update(
                channel=envelope.channel, ts=envelope.message_ts, text=text[:4000], blocks=blocks
            )
            return envelope.message_ts
        return await self._find(envelope) or await self._post(envelope, text, blocks)

    async def _draw(self, envelope: Envelope) -> Drawn:
        """The message as the database has it now."""
        if envelope.kind == MessageKind.REPLY:
            return envelope.payload["text"], None
        async with self._database.read() as session:
            if envelope.kind == MessageKind.CARD:
                incident = await incident_service.get_incident(session, envelope.incident_id or "")
                if incident is not None:
                    return card_text(incident), card_blocks(incident)
            else:
                view = await triage_service.get_triage(session, envelope.incident_id or "")
                if view is not None:
                    return triage_text(view), triage_blocks(view)
        raise PermanentDeliveryError("what the message was about is gone")

    async def _post(self, envelope: Envelope, text: str, blocks: list[dict[str, Any]] | None) -> str:
        try:
            return await self._post_once(envelope, text, blocks)
        except SlackApiError as error:
            if error_of(error) != "not_in_channel":
                raise
        await self._client.conversations_join(channel=envelope.channel)
        return await self._post_once(envelope, text, blocks)

    async def _post_once(self, envelope: Envelope, text: str, blocks: list[dict[str, Any]] | None) -> str:
        answer = await self._client.chat_postMessage(
            channel=envelope.channel,
            thread_ts=envelope.thread_ts,
            text=text,
            blocks=blocks,
            metadata={"event_type": EVENT_TYPE, "event_payload": {"key": envelope.key}},
            unfurl_links=False,
            unfurl_media=False,
        )
        return str(answer["ts"])

    async def _find(self, envelope: Envelope) -> str | None:
        """The message, if an earlier attempt posted it and we never learned of it."""
        if not envelope.may_exist:
            return None
        for message in await self._recent(envelope):
            payload = message.get("metadata", {}).get("event_payload", {})
            if payload.get("key") == envelope.key:
                return str(message["ts"])
        return None

    async def _recent(self, envelope: Envelope) -> list[dict[str, Any]]:
        """The newest messages where the envelope belongs, with their metadata."""
        if envelope.thread_ts is None:
            answer = await self._client.conversations_history(
                channel=envelope.channel, limit=HISTORY_LIMIT, include_all_metadata=True
            )
            return list(answer["messages"])
        messages: list[dict[str, Any]] = []
        cursor = None
        while True:
            answer = await self._client.conversations_replies(
                channel=envelope.channel,
                ts=envelope.thread_ts,
                limit=HISTORY_LIMIT,
                cursor=cursor,
                include_all_metadata=True,
            )
            messages += answer["messages"]
            cursor = (answer.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                return messages

    async def _whisper(self, envelope: Envelope) -> str | None:
        answer = await self._client.chat_postEphemeral(
            channel=envelope.channel,
            user=envelope.payload["user"],
            text=envelope.payload["text"],
            thread_ts=envelope.thread_ts,
        )
        return str(answer["message_ts"])

    async def _upload_report(self, envelope: Envelope) -> str | None:
        """The whole report as Markdown and JSON, one message; looked for by its names first."""
        run_id = str(envelope.payload["run_id"])
        async with self._database.read() as session:
            report = await triage_service.get_report(session, run_id)
            incident = await incident_service.get_incident(session, envelope.incident_id or "")
        if report is None or incident is None:
            raise PermanentDeliveryError("the report is gone")
        stem = f"{incident.ref}-triage-{run_id[-6:]}"
        if envelope.may_exist:
            for message in await self._recent(envelope):
                if any(file.get("name") == f"{stem}.md" for file in message.get("files", [])):
                    return str(message["ts"])
        title = f"Triage of {incident.ref}: {incident.title}"
        await self._client.files_upload_v2(
            channel=envelope.channel,
            thread_ts=envelope.thread_ts,
            initial_comment="The whole report",
            file_uploads=[
                {"filename": f"{stem}.md", "title": f"{stem}.md", "content": report_markdown(report, title=title)},
                {"filename": f"{stem}.json", "title": f"{stem}.json", "content": report.model_dump_json(indent=1)},
            ],
        )
        return None
