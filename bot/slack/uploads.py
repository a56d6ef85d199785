"""Files into Slack: an upload's id is noted before the upload can show, so that after a crash Slack is asked for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.lookup import messages_since_doubt
from bot.slack.refusals import error_of
from models.database import Database
from services.errors import TransientDeliveryError
from services.notifications import outbox
from services.notifications.notifier import Envelope

LOOK_AGAIN_SECONDS = 1.0
MOST_LOOKS = 20  # Slack shares a completed upload within a second or two; after these it never will
OK = 200


@dataclass(frozen=True, slots=True)
class Upload:
    """A file to be sent. `alt_text` is for pictures."""

    name: str
    body: bytes
    alt_text: str | None = None


class FileShares:
    """Files of one message in a thread, shared once."""

    def __init__(self, database: Database, client: AsyncWebClient) -> None:
        self._database = database
        self._client = client

    async def share(self, envelope: Envelope, comment: str, uploads: Sequence[Upload]) -> str | None:
        """Share the files with a comment; the message's ts where an earlier attempt had done it and Slack tells.

        Raises:
            TransientDeliveryError: Slack has an earlier attempt's files and does not show them yet.
        """
        if envelope.in_doubt_since is not None and envelope.slack_file_ids:
            ts = await self._shared(envelope)
            if ts is not None:
                return ts or None
        tickets = [await get_ticket(self._client, upload) for upload in uploads]
        file_ids = [str(ticket["file_id"]) for ticket in tickets]
        await self._note(envelope, file_ids)
        for ticket, upload in zip(tickets, uploads, strict=True):
            await post_bytes(self._client, str(ticket["upload_url"]), upload.body)
        await self._client.files_completeUploadExternal(
            files=[{"id": file_id, "title": upload.name} for file_id, upload in zip(file_ids, uploads, strict=True)],
            channel_id=envelope.channel,
            thread_ts=envelope.thread_ts,
            initial_comment=comment,
        )
        return None

    async def _shared(self, envelope: Envelope) -> str | None:
        """The ts of the message that shows the files, "" where Slack does not tell it, None where there is none."""
        first = envelope.slack_file_ids[0]
        try:
            answer = await self._client.files_info(file=first)
        except SlackApiError as error:
            if error_of(error) == "missing_scope":  # without files:read the thread tells
                return await self._shared_in_thread(envelope)
            if error_of(error) in ("file_not_found", "file_deleted"):  # never completed, or seen and deleted by people
                return None if error_of(error) == "file_not_found" else ""
            raise
        places = _places(answer["file"])
        if not places and envelope.attempts < MOST_LOOKS:
            raise TransientDeliveryError("Slack does not show the files yet", LOOK_AGAIN_SECONDS)
        return str(places[0].get("ts", "")) if places else None

    async def _shared_in_thread(self, envelope: Envelope) -> str | None:
        async for message in messages_since_doubt(self._client, envelope):
            if any(file.get("id") in envelope.slack_file_ids for file in message.get("files", [])):
                return str(message["ts"])
        return None

    async def _note(self, envelope: Envelope, file_ids: list[str]) -> None:
        async with self._database.write() as session:
            await outbox.note_uploads(session, message_id=envelope.id, slack_file_ids=file_ids)
            await session.commit()


async def get_ticket(client: AsyncWebClient, upload: Upload) -> Any:
    """Where to post the bytes (`upload_url`), and the `file_id` that they will have."""
    return await client.files_getUploadURLExternal(
        filename=upload.name, length=len(upload.body), alt_txt=upload.alt_text
    )


async def post_bytes(client: AsyncWebClient, url: str, body: bytes) -> None:
    """The address is good for one upload and needs no token."""
    assert client.session is not None, "bot/slack/client.py opens it"
    async with client.session.post(url, data=body) as response:
        if response.status != OK:
            raise TransientDeliveryError(f"the upload was answered {response.status}", in_doubt=False)
        await response.read()


def _places(file: dict[str, Any]) -> list[dict[str, Any]]:
    shares = file.get("shares") or {}
    return [place for kind in shares.values() for places in kind.values() for place in places]
