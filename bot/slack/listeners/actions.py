"""Buttons and menus. A second press, or one on a message out of date, is answered kindly and changes nothing."""

from collections.abc import Awaitable, Callable
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.blocks import modals
from bot.slack.blocks.mrkdwn import person
from bot.slack.delivery import Delivery, Desk, delivery_id, once
from bot.slack.forms import FormTooLate, open_form_once
from models.incident import Incident, IncidentStatus, MilestoneKind
from models.messaging import MessageKind
from models.triage import Opinion
from services import inbox
from services.errors import IncidentNotFound, RunNotFound, TriageError
from services.incidents import incident_service
from services.incidents.incident_service import milestone_of
from services.notifications import outbox
from services.triage import intake, triage_service
from services.triage.feedback import Given, give_feedback
from services.triage.stopping import stop_triage

Act = Callable[[Delivery, dict[str, Any]], Awaitable[str | None]]


def register(app: AsyncApp, desk: Desk) -> None:
    _register_incident_buttons(app, desk)
    _register_triage_buttons(app, desk)


def _register_incident_buttons(app: AsyncApp, desk: Desk) -> None:
    @app.action("incident_acknowledge")
    async def acknowledge(ack: AsyncAck, body: dict[str, Any]) -> None:
        await _press(desk, body, _acknowledge)
        await ack()

    @app.action("incident_reopen")
    async def reopen(ack: AsyncAck, body: dict[str, Any]) -> None:
        await _press(desk, body, _reopen)
        await ack()

    @app.action("incident_resolve")
    async def resolve(ack: AsyncAck, body: dict[str, Any]) -> None:
        await _press(desk, body, _resolve)
        await ack()

    @app.action("incident_escalate")
    async def escalate(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient) -> None:
        incident = await _open_incident(desk, body, pressed(body))
        if incident is not None:
            await _open_form(desk, body, client, modals.escalate_modal(incident))
        await ack()

    @app.action("incident_more")
    async def more(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient) -> None:
        choice, _, incident_id = pressed(body).partition(":")
        if choice == "severity":
            incident = await _open_incident(desk, body, incident_id)
            if incident is not None:
                await _open_form(desk, body, client, modals.severity_modal(incident))
        else:
            await _press(desk, body, _take_command if choice == "command" else _cancel)
        await ack()


def _register_triage_buttons(app: AsyncApp, desk: Desk) -> None:
    @app.action("triage_right")
    async def right(ack: AsyncAck, body: dict[str, Any]) -> None:
        await _press(desk, body, _judge_right)
        await ack()

    @app.action("triage_wrong")
    async def wrong(ack: AsyncAck, body: dict[str, Any]) -> None:
        await _press(desk, body, _judge_wrong)
        await ack()

    @app.action("triage_rerun")
    async def rerun(ack: AsyncAck, body: dict[str, Any]) -> None:
        await _press(desk, body, lambda delivery, body: _rerun(desk, delivery, body))
        await ack()

    @app.action("triage_stop")
    async def stop(ack: AsyncAck, body: dict[str, Any]) -> None:
        await _press(desk, body, lambda delivery, body: _stop(desk, delivery, body))
        await ack()

    @app.action("triage_templates")
    async def templates(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient) -> None:
        async with desk.database.read() as session:
            run = await triage_service.get_run(session, pressed(body))
            report = await triage_service.get_report(session, pressed(body))
            incident = await incident_service.get_incident(session, run.incident_id) if run else None
        if incident is not None and report is not None:
            await _open_form(desk, body, client, modals.templates_modal(incident, report))
        else:
            await _press(desk, body, _saying("The report behind this button is gone."))
        await ack()


def pressed(body: dict[str, Any]) -> str:
    """The value of the button, or of the chosen option of a menu."""
    action = body["actions"][0]
    return str(action.get("value") or action["selected_option"]["value"])


async def whisper(delivery: Delivery, body: dict[str, Any], text: str) -> None:
    """Answer the person alone, in the thread they are looking at."""
    message = body.get("message", {})
    await outbox.send(
        delivery.session,
        kind=MessageKind.EPHEMERAL,
        key=f"whisper:{body['trigger_id']}",
        channel=body["channel"]["id"],
        thread_ts=message.get("thread_ts"),
        user=body["user"]["id"],
        text=text,
    )


async def _press(desk: Desk, body: dict[str, Any], act: Act) -> None:
    """Act in one transaction; what the rules refuse is whispered to the person and noted on the delivery."""
    async with once(desk, body, f"action:{body['actions'][0]['action_id']}") as delivery:
        if delivery is None:
            return
        try:
            async with delivery.session.begin_nested():
                answer = await act(delivery, body)
        except TriageError as refusal:
            answer = str(refusal)
        if answer:
            delivery.outcome = answer
            await whisper(delivery, body, answer)


async def _incident(delivery: Delivery, incident_id: str) -> Incident:
    incident = await incident_service.get_incident(delivery.session, incident_id, lock=True)
    if incident is None:
        raise IncidentNotFound("behind this button")
    return incident


async def _open_incident(desk: Desk, body: dict[str, Any], incident_id: str) -> Incident | None:
    """The incident a form is about; the person is told when it is over."""
    async with desk.database.read() as session:
        incident = await incident_service.get_incident(session, incident_id)
    if incident is not None and incident.status in incident_service.OPEN_STATUSES:
        return incident
    state = f"{incident.ref} is {incident.status} already" if incident else "This incident is gone"
    await _press(desk, body, _saying(f"{state}; nothing changed."))
    return None


async def _open_form(desk: Desk, body: dict[str, Any], client: AsyncWebClient, view: dict[str, Any]) -> None:
    kind = f"action:{body['actions'][0]['action_id']}"
    try:
        await open_form_once(desk, body, client, view, kind=kind)
    except FormTooLate as too_late:  # the delivery is written down already
        async with desk.database.write() as session:
            delivery = Delivery(session, desk.identity.team_id, delivery_id(body))
            await whisper(delivery, body, str(too_late))
            await inbox.record_outcome(session, event_id=delivery.event_id, outcome=str(too_late))
            await session.commit()


def _saying(sentence: str) -> Act:
    async def say(_delivery: Delivery, _body: dict[str, Any]) -> str:
        return sentence

    return say


async def _acknowledge(delivery: Delivery, body: dict[str, Any]) -> str | None:
    incident = await _incident(delivery, pressed(body))
    if incident.status == IncidentStatus.RESOLVED:  # an old card; reopening has a button of its own
        return f"{incident.ref} is resolved already; nothing changed."
    change = await incident_service.acknowledge_incident(
        delivery.session, incident, actor=body["user"]["id"], source="slack"
    )
    if change.changed:
        return None
    by = milestone_of(incident, MilestoneKind.ACKNOWLEDGED)
    return f"{incident.ref} was acknowledged{f' by {person(by.actor)}' if by else ''} already; nothing changed."


async def _reopen(delivery: Delivery, body: dict[str, Any]) -> str | None:
    incident = await _incident(delivery, pressed(body))
    if incident.status != IncidentStatus.RESOLVED:
        return f"{incident.ref} is {incident.status} already; nothing changed."
    await incident_service.acknowledge_incident(delivery.session, incident, actor=body["user"]["id"], source="slack")
    return None


async def _resolve(delivery: Delivery, body: dict[str, Any]) -> str | None:
    incident = await _incident(delivery, pressed(body))
    change = await incident_service.resolve_incident(
        delivery.session, incident, actor=body["user"]["id"], source="slack"
    )
    if change.changed:
        return None
    by = milestone_of(incident, MilestoneKind.RESOLVED)
    return f"{incident.ref} was resolved{f' by {person(by.actor)}' if by else ''} already; nothing changed."


async def _take_command(delivery: Delivery, body: dict[str, Any]) -> str | None:
    user = body["user"]["id"]
    incident = await _incident(delivery, pressed(body).partition(":")[2])
    change = await incident_service.assign_commander(delivery.session, incident, user=user, actor=user, source="slack")
    return None if change.changed else f"You command {incident.ref} already."


async def _cancel(delivery: Delivery, body: dict[str, Any]) -> str | None:
    incident = await _incident(delivery, pressed(body).partition(":")[2])
    change = await incident_service.cancel_incident(
        delivery.session, incident, actor=body["user"]["id"], source="slack"
    )
    return None if change.changed else f"{incident.ref} is canceled already."


async def _judge_right(delivery: Delivery, body: dict[str, Any]) -> str:
    return await _judge(delivery, body, Opinion.RIGHT)


async def _judge_wrong(delivery: Delivery, body: dict[str, Any]) -> str:
    return await _judge(delivery, body, Opinion.WRONG)


async def _judge(delivery: Delivery, body: dict[str, Any], opinion: Opinion) -> str:
    given = await give_feedback(delivery.session, run_id=pressed(body), opinion=opinion, user=body["user"]["id"])
    if given is None:
        return "There is no finding to judge here."
    if given == Given.REPEATED:
        return f"You said already that the first finding is {opinion}; nothing changed."
    instead = " instead" if given == Given.CHANGED else ""
    return f"Thank you: noted that the first finding is {opinion}{instead}."


async def _rerun(desk: Desk, delivery: Delivery, body: dict[str, Any]) -> str | None:
    run = await triage_service.get_run(delivery.session, pressed(body))
    if run is None:
        raise RunNotFound(pressed(body))
    incident = await _incident(delivery, run.incident_id)
    view = await triage_service.get_triage(delivery.session, incident.id)
    if view is not None and view.is_reading:
        return "It is being read again already; this message follows."
    await intake.request_rerun(delivery.session, desk.jobs, incident=incident, requested_by=body["user"]["id"])
    return None


async def _stop(desk: Desk, delivery: Delivery, body: dict[str, Any]) -> str | None:
    """Everything of the incident that is read or waits: the message is about all of it."""
    run = await triage_service.get_run(delivery.session, pressed(body))
    if run is None:
        raise RunNotFound(pressed(body))
    incident = await _incident(delivery, run.incident_id)
    await stop_triage(delivery.session, desk.jobs, incident=incident, stopped_by=body["user"]["id"])
    return None
