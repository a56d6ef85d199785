"""Delivers outbox messages to Slack: draws them from the database, posts or edits, and finds what a crash hid."""

import asyncio
import contextlib
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.blocks.card import card_blocks, card_text
from bot.slack.blocks.changes import change_text
from bot.slack.blocks.mrkdwn import escape
from bot.slack.blocks.triage import triage_blocks, triage_text
from bot.slack.lookup import find_message, key_metadata
from bot.slack.pictures import PictureUploads, refuses_picture
from bot.slack.refusals import NO_LONGER_EDITABLE, TOO_LONG, delivery_error, error_of
from bot.slack.uploads import FileShares, Upload
from models.database import Database
from models.incident import Incident
from models.messaging import MessageKind
from services.artifacts.store import ArtifactStore
from services.errors import PermanentDeliveryError, ThreadGone
from services.incidents import incident_service
from services.notifications.notifier import Envelope
from services.triage import triage_service
from services.triage.changes import change_between
from services.triage.markdown import report_markdown

UPDATE_TEXT_CHARS = 4_000  # what chat.update takes; a post would take ten times that
Drawn = tuple[str, list[dict[str, Any]] | None]


class SlackNotifier:
    """The `Notifier` of the product."""

    def __init__(self, database: Database, client: AsyncWebClient, store: ArtifactStore) -> None:
        self._database = database
        self._client = client
        self._pictures = PictureUploads(database, client, store)
        self._files = FileShares(database, client)

    async def deliver(self, envelope: Envelope) -> str | None:
        try:
            return await self._deliver(envelope)
        except (SlackApiError, aiohttp.ClientError, TimeoutError, asyncio.IncompleteReadError) as error:
            raise delivery_error(error) from error

    async def _deliver(self, envelope: Envelope) -> str | None:
        if envelope.kind == MessageKind.REPORT_FILE:
            return await self._upload_report(envelope)
        if envelope.kind == MessageKind.PICTURE:
            await self._upload_picture(envelope)
            return None
        if envelope.kind == MessageKind.PICTURE_FILE:
            return await self._share_picture(envelope)
        if envelope.kind == MessageKind.EPHEMERAL:
            return await self._whisper(envelope)
        try:
            return await self._show(envelope)
        except SlackApiError as error:
            if envelope.kind != MessageKind.TRIAGE or not refuses_picture(error):
                raise
        await self._leave_out_picture(envelope)
        return await self._show(envelope)

    async def _show(self, envelope: Envelope) -> str:
        text, blocks = await self._draw(envelope)
        try:
            return await self._put(envelope, text, blocks)
        except SlackApiError as error:
            if error_of(error) not in TOO_LONG or blocks is None:
                raise
        return await self._put(envelope, text, None)  # the sentence alone; the report's file has the rest

    async def _put(self, envelope: Envelope, text: str, blocks: list[dict[str, Any]] | None) -> str:
        """Edit the message where it is, or post it: for the first time, or because people deleted it."""
        if envelope.message_ts:
            try:
                await self._client.chat_update(
                    channel=envelope.channel, ts=envelope.message_ts, text=text[:UPDATE_TEXT_CHARS], blocks=blocks
                )
            except SlackApiError as error:
                if error_of(error) not in NO_LONGER_EDITABLE:
                    raise
            else:
                return envelope.message_ts
        return await find_message(self._client, envelope) or await self._post(envelope, text, blocks)

    async def _draw(self, envelope: Envelope) -> Drawn:
        """The message as the database has it now."""
        if envelope.kind == MessageKind.REPLY:
            return envelope.payload["text"], None
        if envelope.kind == MessageKind.CHANGE:
            return await self._draw_change(envelope), None
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

    async def _draw_change(self, envelope: Envelope) -> str:
        async with self._database.read() as session:
            former = await triage_service.get_report(session, envelope.payload["former_run_id"])
            later = await triage_service.get_report(session, envelope.payload["run_id"])
        change = change_between(former, later) if former and later else None
        if change is None:
            raise PermanentDeliveryError("the reports that it compares are gone")
        return change_text(change)

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
            metadata=key_metadata(envelope.key),
            unfurl_links=False,
            unfurl_media=False,
        )
        if envelope.thread_ts and not answer["message"].get("thread_ts"):
            await self._withdraw(envelope, str(answer["ts"]))
        return str(answer["ts"])

    async def _withdraw(self, envelope: Envelope, ts: str) -> None:
        """Where a thread's root is gone Slack may take a reply all the same, and show it outside of any thread."""
        with contextlib.suppress(SlackApiError):  # then it stands there once too often, which says less than a loop
            await self._client.chat_delete(channel=envelope.channel, ts=ts)
        raise ThreadGone("thread_not_found", "The message that began the thread was deleted; there is nothing to do.")

    async def _whisper(self, envelope: Envelope) -> str | None:
        answer = await self._client.chat_postEphemeral(
            channel=envelope.channel,
            user=envelope.payload["user"],
            text=envelope.payload["text"],
            thread_ts=envelope.thread_ts,
        )
        return str(answer["message_ts"])

    async def _leave_out_picture(self, envelope: Envelope) -> None:
        async with self._database.read() as session:
            view = await triage_service.get_triage(session, envelope.incident_id or "")
        if view is not None and view.picture is not None:
            await self._pictures.give_up(view.picture.run_id)

    async def _upload_report(self, envelope: Envelope) -> str | None:
        """The whole report as Markdown and JSON, one message."""
        run_id, incident = await self._about(envelope)
        async with self._database.read() as session:
            report = await triage_service.get_report(session, run_id)
        if report is None:
            raise PermanentDeliveryError("the report is gone")
        markdown = report_markdown(report, title=f"Triage of {incident.ref}: {incident.title}")
        stem = f"{incident.ref}-triage-{run_id[-6:]}"
        files = [
            Upload(f"{stem}.md", markdown.encode()),
            Upload(f"{stem}.json", report.to_json(indent=1).encode()),
        ]
        return await self._files.share(envelope, "The whole report", files)

    async def _upload_picture(self, envelope: Envelope) -> None:
        run_id, incident = await self._about(envelope)
        await self._pictures.upload(run_id, name=_picture_name(incident, run_id), attempts=envelope.attempts)

    async def _share_picture(self, envelope: Envelope) -> str | None:
        """The picture as a file of its own, where Slack does not show it in the message."""
        run_id, incident = await self._about(envelope)
        png, alt_text = await self._pictures.png(run_id)
        picture = Upload(_picture_name(incident, run_id), png, alt_text)
        return await self._files.share(envelope, escape(alt_text), [picture])

    async def _about(self, envelope: Envelope) -> tuple[str, Incident]:
        """The run and the incident that a file is about."""
        async with self._database.read() as session:
            incident = await incident_service.get_incident(session, envelope.incident_id or "")
        if incident is None:
            raise PermanentDeliveryError("the incident is gone")
        return str(envelope.payload["run_id"]), incident


def _picture_name(incident: Incident, run_id: str) -> str:
    return f"{incident.ref}-rates-{run_id[-6:]}.png"
