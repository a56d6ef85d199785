"""The rules of an incident's life: it is opened, acknowledged, escalated, resolved, and its card says so."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload
from sqlalchemy.orm.exc import StaleDataError

from models.base import utc_now
from models.database import insert_into
from models.incident import (
    Escalation,
    Incident,
    IncidentCounter,
    IncidentStatus,
    Milestone,
    MilestoneKind,
    Role,
    RoleAssignment,
    Severity,
    TimelineEvent,
)
from services.errors import ConcurrentChange, InvalidTitle, InvalidTransition, UnknownSeverity, UnknownStatus
from services.notifications import outbox

MIN_TITLE_CHARS = 3  # shorter than "db?" names nothing
MAX_TITLE_CHARS = 150  # a Slack header holds 150 characters

_STORY = (selectinload(Incident.milestones), selectinload(Incident.roles), selectinload(Incident.escalations))

OPEN_STATUSES = (IncidentStatus.TRIGGERED, IncidentStatus.ACKNOWLEDGED, IncidentStatus.MITIGATED)


@dataclass(frozen=True, slots=True)
class Change:
    """What a request did: `changed` is False where the incident already was what was asked for."""

    incident: Incident
    changed: bool


@dataclass(frozen=True, slots=True)
class IncidentPage:
    items: list[Incident]
    total: int
    page: int
    per_page: int


async def create_incident(
    session: AsyncSession,
    *,
    title: str,
    workspace: str,
    reporter: str,
    severity: str = Severity.UNSET,
    summary: str = "",
    channel: str | None = None,
    source: str = "api",
) -> Incident:
    """Open an incident: the next number of its workspace, its first milestone, its card in `channel` if there is one.

    Raises:
        InvalidTitle: empty, too short or too long.
        UnknownSeverity: not one of sev1..sev4 or unset.
    """
    incident = Incident(
        workspace=workspace,
        number=await _next_number(session, workspace),
        title=clean_title(title),
        summary=summary,
        severity=parse_severity(severity),
        channel=channel,
    )
    session.add(incident)
    await session.flush()
    session.add(RoleAssignment(incident_id=incident.id, role=Role.REPORTER, user=reporter))
    _reach(session, incident, MilestoneKind.DECLARED, reporter)
    _tell(session, incident, "opened", reporter, source, title=incident.title, severity=incident.severity)
    await outbox.show_card(session, incident=incident)
    return incident


async def get_incident(session: AsyncSession, incident_id: str, *, lock: bool = False) -> Incident | None:
    """With `lock` another writer of the same incident waits until this transaction has ended."""
    wanted = _with_story().where(Incident.id == incident_id)
    if lock:
        wanted = wanted.with_for_update(of=Incident)
    return (await session.execute(wanted)).scalar_one_or_none()


async def get_incident_by_ref(session: AsyncSession, workspace: str, ref: str) -> Incident | None:
    """By the name people say: "INC-42", in any case, or just "42"."""
    digits = ref.strip().upper().removeprefix("INC-")
    if not digits.isascii() or not digits.isdigit() or len(digits) > 9:
        return None
    result = await session.execute(_with_story().where(Incident.workspace == workspace, Incident.number == int(digits)))
    return result.scalar_one_or_none()


async def get_incident_by_thread(
    session: AsyncSession, workspace: str, channel: str, thread_ts: str
) -> Incident | None:
    result = await session.execute(
        _with_story().where(
            Incident.workspace == workspace, Incident.channel == channel, Incident.thread_ts == thread_ts
        )
    )
    return result.scalar_one_or_none()


async def list_incidents(
    session: AsyncSession,
    *,
    page: int,
    per_page: int,
    status: str | None = None,
    workspace: str | None = None,
) -> IncidentPage:
    """The newest first. `status` is one of the statuses, or "open" for all that still need somebody.

    Raises:
        UnknownStatus: any other status.
    """
    wanted = select(Incident).where(*_status_filter(status))
    if workspace:
        wanted = wanted.where(Incident.workspace == workspace)
    total = await session.scalar(select(func.count()).select_from(wanted.subquery()))
    rows = await session.execute(
        wanted.options(*_STORY).order_by(Incident.id.desc()).limit(per_page).offset((page - 1) * per_page)
    )
    return IncidentPage(items=list(rows.scalars()), total=total or 0, page=page, per_page=per_page)


async def acknowledge_incident(session: AsyncSession, incident: Incident, *, actor: str, source: str) -> Change:
    """Somebody is on it. The first to acknowledge takes command where nobody has.

    Raises:
        InvalidTransition: the incident is closed or canceled.
    """
    if incident.status in (IncidentStatus.ACKNOWLEDGED, IncidentStatus.MITIGATED):
        return Change(incident, changed=False)
    _require(incident, (IncidentStatus.TRIGGERED, IncidentStatus.RESOLVED), "acknowledged")
    reopened = incident.status == IncidentStatus.RESOLVED
    incident.status = IncidentStatus.ACKNOWLEDGED
    if reopened:
        await _withdraw(session, incident, MilestoneKind.RESOLVED)
    else:
        _reach(session, incident, MilestoneKind.ACKNOWLEDGED, actor)
    if commander_of(incident) is None:
        session.add(RoleAssignment(incident_id=incident.id, role=Role.COMMANDER, user=actor))
    _tell(session, incident, "reopened" if reopened else "acknowledged", actor, source)
    return await _changed(session, incident)


async def resolve_incident(session: AsyncSession, incident: Incident, *, actor: str, source: str) -> Change:
    """It is over. Resolving what nobody acknowledged is allowed: some incidents end by themselves.

    Raises:
        InvalidTransition: the incident is closed or canceled.
    """
    if incident.status == IncidentStatus.RESOLVED:
        return Change(incident, changed=False)
    _require(incident, OPEN_STATUSES, "resolved")
    incident.status = IncidentStatus.RESOLVED
    _reach(session, incident, MilestoneKind.RESOLVED, actor)
    _tell(session, incident, "resolved", actor, source)
    return await _changed(session, incident)


async def escalate_incident(
    session: AsyncSession, incident: Incident, *, target: str, actor: str, note: str = "", source: str
) -> Change:
    """Call somebody in: told in the thread, noted on the card; the status stays what it is.

    Raises:
        InvalidTransition: the incident is no longer open.
    """
    _require(incident, OPEN_STATUSES, "escalated")
    if any(escalation.target == target for escalation in incident.escalations):
        return Change(incident, changed=False)
    escalation = Escalation(
        incident_id=incident.id, level=len(incident.escalations) + 1, target=target, actor=actor, note=note
    )
    session.add(escalation)
    _tell(session, incident, "escalated", actor, source, target=target, note=note)
    return await _changed(session, incident)


async def assign_commander(session: AsyncSession, incident: Incident, *, user: str, actor: str, source: str) -> Change:
    """Hand command to `user`; whoever had it renounces it.

    Raises:
        InvalidTransition: the incident is no longer open.
    """
    _require(incident, OPEN_STATUSES, "commanded")
    current = commander_of(incident)
    if current is not None and current.user == user:
        return Change(incident, changed=False)
    if current is not None:
        current.renounced_at = utc_now()
    session.add(RoleAssignment(incident_id=incident.id, role=Role.COMMANDER, user=user))
    _tell(session, incident, "commander", actor, source, user=user)
    return await _changed(session, incident)


async def set_severity(session: AsyncSession, incident: Incident, *, severity: str, actor: str, source: str) -> Change:
    """Raises UnknownSeverity for anything but sev1..sev4 and unset."""
    wanted = parse_severity(severity)
    if incident.severity == wanted:
        return Change(incident, changed=False)
    _tell(session, incident, "severity", actor, source, before=incident.severity, after=wanted)
    incident.severity = wanted
    return await _changed(session, incident)


async def cancel_incident(session: AsyncSession, incident: Incident, *, actor: str, source: str) -> Change:
    """It was not an incident after all.

    Raises:
        InvalidTransition: the incident is no longer open.
    """
    if incident.status == IncidentStatus.CANCELED:
        return Change(incident, changed=False)
    _require(incident, OPEN_STATUSES, "canceled")
    incident.status = IncidentStatus.CANCELED
    _tell(session, incident, "canceled", actor, source)
    return await _changed(session, incident)


def commander_of(incident: Incident) -> RoleAssignment | None:
    return next((r for r in incident.roles if r.role == Role.COMMANDER and r.renounced_at is None), None)


def milestone_of(incident: Incident, kind: MilestoneKind) -> Milestone | None:
    return next((m for m in incident.milestones if m.kind == kind), None)


def clean_title(title: str) -> str:
    """One line without surrounding space.

    Raises:
        InvalidTitle: empty, too short or too long.
    """
    cleaned = " ".join(title.split())
    if not cleaned:
        raise InvalidTitle("is empty: say in a few words what is broken")
    if len(cleaned) < MIN_TITLE_CHARS:
        raise InvalidTitle(f"is too short: use at least {MIN_TITLE_CHARS} characters to say what is broken")
    if len(cleaned) > MAX_TITLE_CHARS:
        raise InvalidTitle(f"is too long ({len(cleaned)} characters): keep it under {MAX_TITLE_CHARS}")
    return cleaned


def parse_severity(severity: str) -> Severity:
    try:
        return Severity(severity.strip().lower())
    except ValueError:
        raise UnknownSeverity(severity) from None


def _status_filter(status: str | None) -> list[ColumnElement[bool]]:
    if status is None:
        return []
    if status == "open":
        return [Incident.status.in_(OPEN_STATUSES)]
    known = [s.value for s in IncidentStatus]
    if status not in known:
        raise UnknownStatus(status, ["open", *known])
    return [Incident.status == status]


def _with_story() -> Select[Incident]:
    return select(Incident).options(*_STORY)


async def _next_number(session: AsyncSession, workspace: str) -> int:
    row = insert_into(session, IncidentCounter).values(workspace=workspace, last_number=1)
    counted = row.on_conflict_do_update(
        index_elements=[IncidentCounter.workspace], set_={"last_number": IncidentCounter.last_number + 1}
    ).returning(IncidentCounter.last_number)
    return (await session.execute(counted)).scalar_one()


def _require(incident: Incident, statuses: tuple[IncidentStatus, ...], action: str) -> None:
    if incident.status not in statuses:
        raise InvalidTransition(incident.ref, incident.status, action)


def _reach(session: AsyncSession, incident: Incident, kind: MilestoneKind, actor: str) -> None:
    session.add(Milestone(incident_id=incident.id, kind=kind, occurred_at=utc_now(), actor=actor))


async def _withdraw(session: AsyncSession, incident: Incident, kind: MilestoneKind) -> None:
    milestone = milestone_of(incident, kind)
    if milestone is not None:
        await session.delete(milestone)


def _tell(session: AsyncSession, incident: Incident, kind: str, actor: str, source: str, **payload: str) -> None:
    session.add(TimelineEvent(incident_id=incident.id, kind=kind, actor=actor, source=source, payload=payload))


async def _changed(session: AsyncSession, incident: Incident) -> Change:
    incident.updated_at = utc_now()
    ref = incident.ref
    try:
        await outbox.show_card(session, incident=incident)
        await session.flush()
    except StaleDataError:
        raise ConcurrentChange(ref) from None
    await session.refresh(incident, attribute_names=["milestones", "roles", "escalations"])
    return Change(incident, changed=True)
