"""Uploads in an incident's thread start a triage; a mention is answered where it was made."""

import re
from functools import partial
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.slack.blocks import answers
from bot.slack.delivery import Delivery, Desk, note, once
from bot.slack.early_replies import KEPT, EarlyReplies
from bot.slack.listeners.commands import change_status
from models.incident import Incident
from models.messaging import MessageKind
from services.errors import TriageError
from services.incidents import incident_service, threads
from services.notifications import outbox
from services.triage import intake

_MENTION = re.compile(r"<@[UW][A-Z0-9]+>")
_LOG_TYPES = ("text", "log", "gzip", "zip", "tar", "zst", "binary", "json", "csv", "")  # Slack's guesses for logs

OUTSIDE = "ignored: the upload is outside any incident's thread"
OUR_OWN = "ignored: our own"
NOT_READ = (
    "This file is not in an incident's thread, so I have not read it. Open an incident with `/incident what is broken` "
    "in the channel, then drop the file in the thread of its card."
)


def register(app: AsyncApp, desk: Desk) -> None:
    @app.event("message")
    async def message(ack: AsyncAck, body: dict[str, Any], event: dict[str, Any]) -> None:
        if ignored := _why_ignored(event):
            await note(desk, body, "event:message", ignored)
        else:
            await _once(desk, body, event)
        await ack()

    @app.event("file_shared")
    async def file_shared(ack: AsyncAck, body: dict[str, Any], event: dict[str, Any]) -> None:
        """The second event of every upload: only a safety net, should the message never come."""
        if event.get("user_id") == desk.identity.user_id:
            await note(desk, body, "event:file_shared", OUR_OWN)
        else:
            async with once(desk, body, "event:file_shared") as delivery:
                if delivery is not None:
                    await intake.request_locating(
                        delivery.session, desk.jobs, workspace=delivery.workspace, slack_file_id=event["file_id"]
                    )
        await ack()

    @app.event("app_mention")
    async def mention(ack: AsyncAck, body: dict[str, Any], event: dict[str, Any]) -> None:
        await _once(desk, body, event)
        await ack()


def register_jobs(desk: Desk) -> None:
    """Have this process work on the replies that came too early."""
    EarlyReplies(desk, partial(_work_on, desk)).register()


async def _once(desk: Desk, body: dict[str, Any], event: dict[str, Any]) -> None:
    async with once(desk, body, f"event:{event['type']}") as delivery:
        if delivery is not None:
            delivery.outcome = await _work_on(desk, delivery, event)


def _why_ignored(event: dict[str, Any]) -> str | None:
    """What is clear without looking anything up: most messages are talk. Our own do not come here: Bolt drops them."""
    if not event.get("files") or event.get("hidden"):
        return "ignored: no upload"
    return OUTSIDE if not event.get("thread_ts") and not _is_to_be_told(event) else None


async def _work_on(desk: Desk, delivery: Delivery, event: dict[str, Any]) -> str:
    """An upload or a mention, in its incident's thread or outside of any; the outcome in words."""
    incident = await _incident_of(delivery, event)
    if incident is None and await EarlyReplies(desk, partial(_work_on, desk)).keep(delivery, event):
        return KEPT
    if event["type"] == "app_mention":
        return await _answer(delivery, event, incident)
    if incident is not None:
        return await _take_in(desk, delivery, event, incident)
    await _say_outside(delivery, event)
    return OUTSIDE


async def _incident_of(delivery: Delivery, event: dict[str, Any]) -> Incident | None:
    """With its story where that may be told, which an upload does not ask for."""
    root = event.get("thread_ts") or event["ts"]
    if event["type"] == "app_mention":
        return await incident_service.get_incident_by_thread(
            delivery.session, delivery.workspace, event["channel"], root
        )
    return await threads.get_incident_of(
        delivery.session, workspace=delivery.workspace, channel=event["channel"], thread_ts=root
    )


async def _take_in(desk: Desk, delivery: Delivery, event: dict[str, Any], incident: Incident) -> str:
    """Start a triage for the message's files."""
    files = [intake.SlackFile(id=file["id"], name=file.get("name") or file["id"]) for file in event["files"]]
    run = await intake.receive_slack_upload(
        delivery.session, desk.jobs, incident=incident, files=files, uploader=event.get("user", "unknown")
    )
    return f"triage run {run.id} of {incident.ref}" if run else "ignored: these files are known already"


def _is_to_be_told(event: dict[str, Any]) -> bool:
    """Only where a person shared what could be a log: people share pictures all day."""
    could_be_log = any(file.get("filetype", "") in _LOG_TYPES for file in event["files"])
    return bool(could_be_log and event.get("user") and not event.get("bot_id"))


async def _say_outside(delivery: Delivery, event: dict[str, Any]) -> None:
    """Only the uploader sees it."""
    if _is_to_be_told(event):
        await outbox.send(
            delivery.session,
            kind=MessageKind.EPHEMERAL,
            key=f"outside:{event['channel']}:{event['ts']}",
            channel=event["channel"],
            thread_ts=event.get("thread_ts"),
            user=event["user"],
            text=NOT_READ,
        )


async def _answer(delivery: Delivery, event: dict[str, Any], incident: Incident | None) -> str:
    """`help`, `status`, `ack`, `resolve` about the incident of the thread, or help for anything else."""
    word = _MENTION.sub("", event.get("text", "")).strip().lower()
    text = answers.HELP
    try:
        if incident is not None and word == "status":
            text = answers.status_of(incident)
        elif incident is not None and word in ("ack", "acknowledge", "resolve"):
            action = "resolve" if word == "resolve" else "ack"
            text = await change_status(delivery.session, incident, action=action, user=event["user"])
    except TriageError as refusal:
        text = str(refusal)
    await outbox.send(
        delivery.session,
        kind=MessageKind.REPLY,
        key=f"answer:{event['channel']}:{event['ts']}",
        channel=event["channel"],
        thread_ts=event.get("thread_ts") or event["ts"],
        text=text,
    )
    return f"answered: {word or 'help'}"
