"""Messages are rows first: written in the transaction that gives the reason for them, delivered afterwards."""

from typing import Any

from sqlalchemy import case, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from models.database import announce, insert_into
from models.incident import Incident, Role
from models.messaging import MessageKind, OutboxMessage, OutboxState
from models.shared_clock import database_time
from services.errors import DeliveryError

TOPIC = "outbox"

CARD_MISSING = (
    "{ref} is open, but Slack did not let me post its card in <#{channel}> ({reason}). {advice} Then run `/incident "
    "ack {ref}`: the card is posted with the next change."
)


async def show_card(session: AsyncSession, *, incident: Incident) -> None:
    """Have the incident's card posted, or brought up to date. An incident without a channel has none."""
    if incident.channel:
        await _show_living(session, kind=MessageKind.CARD, key=f"card:{incident.id}", incident=incident)


async def show_triage(session: AsyncSession, *, incident: Incident) -> None:
    """Have the incident's living triage message posted in its thread, or brought up to date."""
    if incident.channel:
        await _show_living(session, kind=MessageKind.TRIAGE, key=f"triage:{incident.id}", incident=incident)


async def _show_living(session: AsyncSession, *, kind: MessageKind, key: str, incident: Incident) -> None:
    """One statement, so that two changes at the same moment both count."""
    settled = OutboxMessage.state.in_((OutboxState.DELIVERED, OutboxState.DEAD))  # what was refused may be welcome now
    row = insert_into(session, OutboxMessage).values(
        key=key,
        kind=kind,
        incident_id=incident.id,
        channel=incident.channel,
        thread=incident.id,
        wanted_at=database_time(session),
    )
    await session.execute(
        row.on_conflict_do_update(
            index_elements=[OutboxMessage.key],
            set_={
                "revision": OutboxMessage.revision + 1,
                "state": case((settled, OutboxState.PENDING), else_=OutboxMessage.state),
                "wanted_at": case((settled, database_time(session)), else_=OutboxMessage.wanted_at),
                "retry_at": case((settled, None), else_=OutboxMessage.retry_at),
                "attempts": case((settled, 0), else_=OutboxMessage.attempts),
                "failing_since": case((settled, None), else_=OutboxMessage.failing_since),
                "traceparent": row.excluded.traceparent,
            },
        )
    )
    announce(session, TOPIC)


async def send(
    session: AsyncSession,
    *,
    kind: MessageKind,
    key: str,
    channel: str,
    thread_ts: str | None = None,
    incident: Incident | None = None,
    **payload: Any,
) -> None:
    """Have a message sent once; a second call with the same key changes nothing.

    With an incident and no `thread_ts` it goes into the incident's thread, after the card.
    """
    row = insert_into(session, OutboxMessage).values(
        key=key,
        kind=kind,
        incident_id=incident.id if incident else None,
        channel=channel,
        thread_ts=thread_ts,
        thread=incident.id if incident else f"{channel}:{thread_ts or ''}",
        payload=payload,
        wanted_at=database_time(session),
    )
    await session.execute(row.on_conflict_do_nothing(index_elements=[OutboxMessage.key]))
    announce(session, TOPIC)


async def reply(session: AsyncSession, *, incident: Incident, key: str, text: str) -> None:
    """One line in the incident's thread. An incident without a channel has no thread to speak in."""
    if incident.channel:
        await send(session, kind=MessageKind.REPLY, key=key, channel=incident.channel, incident=incident, text=text)


async def note_uploads(session: AsyncSession, *, message_id: int, slack_file_ids: list[str]) -> None:
    """Remember a message's uploads before they can show, so that after a crash they are asked for and not repeated."""
    noting = update(OutboxMessage).where(OutboxMessage.id == message_id).values(slack_file_ids=slack_file_ids)
    await session.execute(noting, execution_options={"synchronize_session": False})


async def tell_reporter(session: AsyncSession, *, incident_id: str, refusal: DeliveryError) -> None:
    """Tell whoever opened the incident, in a direct message, that its card could not be shown."""
    incident = await session.get_one(Incident, incident_id, options=[selectinload(Incident.roles)])
    reporter = next((role.user for role in incident.roles if role.role == Role.REPORTER), None)
    if reporter is not None:
        text = CARD_MISSING.format(
            ref=incident.ref, channel=incident.channel, reason=refusal.reason, advice=refusal.advice
        )
        key = f"card-missing:{incident_id}"
        await send(session, kind=MessageKind.REPLY, key=key, channel=reporter, text=text)
