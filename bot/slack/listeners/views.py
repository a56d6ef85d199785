"""What people submit in the modals; what is wrong is said at the field, and the form stays open."""

from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp
from sqlalchemy.ext.asyncio import AsyncSession

from bot.slack.blocks import answers, modals
from bot.slack.delivery import Desk, once
from models.incident import Incident
from services.errors import IncidentNotFound, InvalidTitle, TriageError
from services.incidents import incident_service
from services.notifications import outbox


def register(app: AsyncApp, desk: Desk) -> None:
    @app.view(modals.NEW_INCIDENT)
    async def new_incident(ack: AsyncAck, body: dict[str, Any], view: dict[str, Any]) -> None:
        await _submit(ack, desk, body, view, _open)

    @app.view(modals.ESCALATE)
    async def escalate(ack: AsyncAck, body: dict[str, Any], view: dict[str, Any]) -> None:
        await _submit(ack, desk, body, view, _escalate)

    @app.view(modals.SEVERITY)
    async def severity(ack: AsyncAck, body: dict[str, Any], view: dict[str, Any]) -> None:
        await _submit(ack, desk, body, view, _set_severity)


async def _submit(ack: AsyncAck, desk: Desk, body: dict[str, Any], view: dict[str, Any], act: Any) -> None:
    """Act in one transaction; a refusal is shown at the form's first field, which is the one that matters."""
    try:
        async with once(desk, body, f"view:{view['callback_id']}") as delivery:
            if delivery is not None:
                delivery.outcome = await act(delivery.session, delivery.workspace, body["user"]["id"], view)
    except TriageError as refusal:
        field = "title" if isinstance(refusal, InvalidTitle) else view["blocks"][0]["block_id"]
        await ack(response_action="errors", errors={field: str(refusal)[:2000]})
        return
    await ack()


def value_of(view: dict[str, Any], field: str) -> str:
    """What a person entered in the input of that block; empty for nothing."""
    states = view["state"]["values"].get(field, {})
    for state in states.values():
        chosen = (state.get("selected_option") or {}).get("value")
        entered = state.get("value") or chosen or state.get("selected_user") or state.get("selected_conversation")
        return str(entered or "")
    return ""


async def _open(session: AsyncSession, workspace: str, user: str, view: dict[str, Any]) -> str:
    incident = await incident_service.create_incident(
        session,
        title=value_of(view, "title"),
        severity=value_of(view, "severity") or "unset",
        summary=value_of(view, "summary"),
        workspace=workspace,
        reporter=user,
        channel=view["private_metadata"] or value_of(view, "channel"),
        source="slack",
    )
    return f"opened {incident.ref}"


async def _escalate(session: AsyncSession, _workspace: str, user: str, view: dict[str, Any]) -> str:
    incident = await _incident(session, view)
    target, note = value_of(view, "target"), value_of(view, "note")
    change = await incident_service.escalate_incident(
        session, incident, target=target, actor=user, note=note, source="slack"
    )
    if not change.changed:
        return f"{target} had been called in already"
    text = answers.escalation(incident, target=target, actor=user, note=note)
    await outbox.reply(session, incident=incident, key=f"escalation:{incident.id}:{target}", text=text)
    return f"called in {target}"


async def _set_severity(session: AsyncSession, _workspace: str, user: str, view: dict[str, Any]) -> str:
    incident = await _incident(session, view)
    wanted = value_of(view, "severity")
    await incident_service.set_severity(session, incident, severity=wanted, actor=user, source="slack")
    return f"severity {wanted}"


async def _incident(session: AsyncSession, view: dict[str, Any]) -> Incident:
    incident = await incident_service.get_incident(session, view["private_metadata"], lock=True)
    if incident is None:
        raise IncidentNotFound("behind this form")
    return incident
