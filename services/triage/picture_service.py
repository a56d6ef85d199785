"""The way of a report's picture to Slack: an upload nobody sees yet, then part of the triage message, or a file."""

from sqlalchemy.ext.asyncio import AsyncSession

from models.incident import Incident
from models.messaging import MessageKind
from models.triage import PictureState, TriagePicture, TriageRun
from services.notifications import outbox


async def note_upload(session: AsyncSession, *, run_id: str, slack_file_id: str) -> None:
    """Remember the upload before its bytes go out, so that after a crash it is found and not made twice."""
    picture = await session.get_one(TriagePicture, run_id)
    picture.slack_file_id = slack_file_id


async def show_picture(session: AsyncSession, *, run_id: str) -> None:
    """Slack can show the picture: have the triage message drawn with it."""
    picture = await session.get_one(TriagePicture, run_id)
    picture.state = PictureState.READY
    await outbox.show_triage(session, incident=await _incident(session, run_id))


async def send_as_file(session: AsyncSession, *, run_id: str) -> None:
    """Slack does not show the picture in a message: have it sent as a file, once, and the message drawn without it."""
    picture = await session.get_one(TriagePicture, run_id)
    picture.state = PictureState.REFUSED
    incident = await _incident(session, run_id)
    if incident.channel:
        await outbox.send(
            session,
            kind=MessageKind.PICTURE_FILE,
            key=f"picture-file:{run_id}",
            channel=incident.channel,
            incident=incident,
            run_id=run_id,
        )


async def _incident(session: AsyncSession, run_id: str) -> Incident:
    run = await session.get_one(TriageRun, run_id)
    return await session.get_one(Incident, run.incident_id)
