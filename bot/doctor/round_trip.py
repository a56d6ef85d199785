"""A message and a file through Slack and back, in a channel that was named for it; nothing of it stays."""

import asyncio
import contextlib
import hashlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import httpx
from slack_sdk.errors import SlackApiError

from bot.doctor.patient import Patient
from bot.doctor.slack_access import listening
from bot.doctor.verdict import Skipped, Wrong
from bot.preconditions import CHANNEL_FIX
from bot.slack.file_source import SlackFileSource
from bot.slack.refusals import error_of
from services.errors import TriageError

TEXT = "`triage doctor` tries whether messages and files get through; it deletes this at once."
NAME = "triage-doctor.log"
BODY = b"2026-01-01 00:00:00 INFO triage doctor: this file is read back and deleted\n" * 40
EVENT_SECONDS = 5.0
SHARE_SECONDS = 10.0
POLL_SECONDS = 0.2
# What a message with a file brings, and what the app subscribes to for it.
EXPECTED = {"message": "message.channels and message.groups", "file_shared": "file_shared"}


async def messages_and_files(patient: Patient) -> str:
    """Post, upload, download, compare, delete; meanwhile events are listened for where there is a socket."""
    if not patient.channel:
        raise Skipped("name a channel to post in: `triage doctor --channel C0123456789`")
    patient.require_identity()
    async with _own_socket(patient), _message(patient) as message:
        _require_one_app(patient, message)
        file_id = await _upload(patient, message["ts"])
        try:
            await _read_back(patient, file_id)
        finally:
            await patient.client.files_delete(file=file_id)
        patient.is_round = True
        await _until_the_events_came(patient)
    return f"posted, uploaded and read back {len(BODY)} bytes in {patient.channel}, and deleted them"


async def events(patient: Patient) -> str:
    if not patient.is_round:
        raise Skipped("it needs the round trip above")
    if not patient.settings.uses_socket_mode:
        raise Skipped(
            "over HTTP the bot's own messages say nothing: mention the app in a channel and look at deliveries"
        )
    missing = sorted(EXPECTED.keys() - patient.event_types)
    if not missing:
        return f"Slack told of the round trip: {', '.join(sorted(patient.event_types))}"
    if patient.other_sockets:
        came = f"{', '.join(sorted(patient.event_types)) or 'no event'} came here"
        raise Skipped(f"{came}; the app's {patient.other_sockets} other connections may have got the rest")
    raise Wrong(
        f"Slack told nothing of the round trip as {', '.join(missing)}",
        f"add {', '.join(EXPECTED[name] for name in missing)} under Event Subscriptions, Subscribe to bot events, "
        "save, and reinstall the app",
    )


@asynccontextmanager
async def _own_socket(patient: Patient) -> AsyncIterator[None]:
    if not patient.settings.uses_socket_mode:
        yield
        return
    async with listening(patient) as (_, connection):
        hearing = asyncio.create_task(_hear(patient, connection))
        try:
            yield
        finally:
            hearing.cancel()
            await asyncio.gather(hearing, return_exceptions=True)


async def _hear(patient: Patient, connection: aiohttp.ClientWebSocketResponse) -> None:
    """Note what is ours and acknowledge it; what is not stays unacknowledged, so that Slack gives it to the bot."""
    async for frame in connection:
        envelope = json.loads(frame.data) if frame.type is aiohttp.WSMsgType.TEXT else {}
        event = (envelope.get("payload") or {}).get("event") or {}
        if patient.identity and _is_ours(event, patient):
            patient.event_types.add(str(event["type"]))
            if patient.event_types >= EXPECTED.keys():
                patient.told.set()
            await connection.send_json({"envelope_id": envelope["envelope_id"]})


_INNER = ("message", "previous_message")  # of a message that was changed or deleted


def _is_ours(event: dict[str, Any], patient: Patient) -> bool:
    authors = {event.get("user"), event.get("user_id"), *((event.get(part) or {}).get("user") for part in _INNER)}
    return patient.require_identity().user_id in authors


@asynccontextmanager
async def _message(patient: Patient) -> AsyncIterator[dict[str, Any]]:
    """The message that was posted; it and what is in its thread is deleted at the end."""
    try:
        posted = await patient.client.chat_postMessage(channel=patient.channel, text=TEXT)
    except SlackApiError as error:
        fix = CHANNEL_FIX if error_of(error) != "not_in_channel" else "invite the app there with `/invite @Triage`"
        raise Wrong(f"a message cannot be posted in {patient.channel}: {error_of(error)}", fix) from None
    message: dict[str, Any] = {"ts": posted["ts"], **posted["message"]}
    try:
        yield message
    finally:
        await _delete_thread(patient, message["ts"])


async def _delete_thread(patient: Patient, ts: str) -> None:
    with contextlib.suppress(SlackApiError):  # a message that its file went away with is gone already
        replies = await patient.client.conversations_replies(channel=patient.channel, ts=ts)
        for reply in reversed(replies["messages"][1:]):
            await _delete(patient, reply["ts"])
    await _delete(patient, ts)


async def _delete(patient: Patient, ts: str) -> None:
    with contextlib.suppress(SlackApiError):
        await patient.client.chat_delete(channel=patient.channel, ts=ts)


def _require_one_app(patient: Patient, message: dict[str, Any]) -> None:
    app_id = message.get("app_id") or (message.get("bot_profile") or {}).get("app_id")
    if patient.app_id and app_id and app_id != patient.app_id:
        raise Wrong(
            f"SLACK_BOT_TOKEN is of the app {app_id}, SLACK_APP_TOKEN of {patient.app_id}",
            "take both from the pages of one app",
        )


async def _upload(patient: Patient, thread_ts: str) -> str:
    try:
        answer = await patient.client.files_upload_v2(
            channel=patient.channel, thread_ts=thread_ts, filename=NAME, content=BODY.decode()
        )
    except SlackApiError as error:
        raise Wrong(
            f"a file cannot be uploaded: {error_of(error)}", "add the scope files:write and reinstall"
        ) from None
    return str(answer["files"][0]["id"])


async def _read_back(patient: Patient, file_id: str) -> None:
    await _shared(patient, file_id)
    digest = hashlib.sha256()
    async with httpx.AsyncClient(follow_redirects=False) as http:
        source = SlackFileSource(
            patient.client, http, file_hosts=patient.settings.slack_file_hosts, max_bytes=10 * len(BODY)
        )
        try:
            async with source.open(file_id) as chunks:
                async for chunk in chunks:
                    digest.update(chunk)
        except (TriageError, httpx.HTTPError) as error:
            fix = "add the scope files:read under OAuth & Permissions and reinstall the app; allow Slack's file hosts"
            raise Wrong(f"the upload cannot be read back: {error}", fix) from None
    if digest.hexdigest() != hashlib.sha256(BODY).hexdigest():
        raise Wrong(
            "what was read back is not what was uploaded", "look for a proxy that changes what passes through it"
        )


async def _shared(patient: Patient, file_id: str) -> None:
    """Completing an upload is asynchronous: the file is in the thread a moment later."""
    with contextlib.suppress(TimeoutError, SlackApiError):  # what is missing then is said by the download
        async with asyncio.timeout(SHARE_SECONDS):
            while not (await patient.client.files_info(file=file_id))["file"].get("shares"):  # noqa: ASYNC110  # Slack's
                await asyncio.sleep(POLL_SECONDS)


async def _until_the_events_came(patient: Patient) -> None:
    if patient.settings.uses_socket_mode:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(EVENT_SECONDS):
                await patient.told.wait()
