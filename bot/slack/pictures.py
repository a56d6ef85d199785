"""A report's picture into Slack: uploaded where nobody sees it, awaited, and shown by the triage message."""

from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.refusals import delivery_error, error_of
from bot.slack.uploads import Upload, get_ticket, post_bytes
from models.database import Database
from models.triage import PictureState, TriagePicture
from services.artifacts.store import ArtifactStore
from services.errors import PermanentDeliveryError, TransientDeliveryError
from services.triage import picture_service, triage_service

LOOK_AGAIN_SECONDS = 1.0
# People report that Slack takes a second or two.
MOST_ATTEMPTS = 20
ALT_TEXT_CHARS = 1_000  # of an upload; a block takes 2,000


class PictureUploads:
    """Slack refuses a message with a picture that it has not looked at yet, so the upload comes first and by itself."""

    def __init__(self, database: Database, client: AsyncWebClient, store: ArtifactStore) -> None:
        self._database = database
        self._client = client
        self._store = store

    async def upload(self, run_id: str, *, name: str, attempts: int) -> None:
        """Bring the picture to Slack, and have the triage message show it as soon as Slack can.

        After MOST_ATTEMPTS, or where Slack does not say whether it can, it is sent as a file instead.

        Raises:
            TransientDeliveryError: Slack has not looked at it yet.
            PermanentDeliveryError: there is no such picture.
        """
        picture = await self._picture(run_id)
        if picture.state != PictureState.DRAWN:
            return
        try:
            file = await self._uploaded(picture, name)
        except SlackApiError as error:
            if isinstance(delivery_error(error), TransientDeliveryError) or not picture.slack_file_id:
                raise
            await self.give_up(run_id)  # without files:read nobody can know when it may be shown
            return
        if file.get("mimetype"):
            await self._show(run_id)
        elif attempts >= MOST_ATTEMPTS:
            await self.give_up(run_id)
        else:
            raise TransientDeliveryError("Slack has not looked at the picture yet", LOOK_AGAIN_SECONDS)

    async def png(self, run_id: str) -> tuple[bytes, str]:
        """The picture's bytes and its alt text."""
        picture = await self._picture(run_id)
        return await self._store.get_bytes(picture.png_key), picture.alt_text[:ALT_TEXT_CHARS]

    async def give_up(self, run_id: str) -> None:
        """Have it sent as a file instead."""
        async with self._database.write() as session:
            await picture_service.send_as_file(session, run_id=run_id)
            await session.commit()

    async def _show(self, run_id: str) -> None:
        async with self._database.write() as session:
            await picture_service.show_picture(session, run_id=run_id)
            await session.commit()

    async def _picture(self, run_id: str) -> TriagePicture:
        async with self._database.read() as session:
            picture = await triage_service.get_picture(session, run_id)
        if picture is None:
            raise PermanentDeliveryError("the picture is gone")
        return picture

    async def _uploaded(self, picture: TriagePicture, name: str) -> dict[str, Any]:
        """The file in Slack: that of an earlier attempt where it got so far, else a new one."""
        if picture.slack_file_id:
            try:
                return await self._file(picture.slack_file_id)
            except SlackApiError as error:
                if error_of(error) not in ("file_not_found", "file_deleted"):
                    raise
        picture.slack_file_id = await self._upload(picture, name)
        return await self._file(picture.slack_file_id)

    async def _file(self, file_id: str) -> dict[str, Any]:
        answer = await self._client.files_info(file=file_id)
        return dict(answer["file"])

    async def _upload(self, picture: TriagePicture, name: str) -> str:
        """To no channel: only the bot has it until a message shows it. Returns the file's id."""
        png, alt_text = await self.png(picture.run_id)
        ticket = await get_ticket(self._client, Upload(name, png, alt_text))
        file_id = str(ticket["file_id"])
        async with self._database.write() as session:
            await picture_service.note_upload(session, run_id=picture.run_id, slack_file_id=file_id)
            await session.commit()
        await post_bytes(self._client, str(ticket["upload_url"]), png)
        await self._client.files_completeUploadExternal(files=[{"id": file_id, "title": name}])
        return file_id


def refuses_picture(error: SlackApiError) -> bool:
    """Whether a message was refused for the picture in it."""
    problems = error.response.get("errors") or [] if error_of(error) == "invalid_blocks" else []
    return any("slack_file" in str(problem) for problem in problems)
