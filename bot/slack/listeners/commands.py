"""`/incident`: opens at once, opens the form, or answers about an incident."""

import re
from dataclasses import dataclass
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.ext.asyncio import AsyncSession

from bot.slack.blocks import answers, modals
from bot.slack.blocks.mrkdwn import person
from bot.slack.delivery import Delivery, Desk, note, once, outcome_of
from bot.slack.forms import open_form_once
from models.incident import Incident
from services.errors import IncidentNotFound
from services.incidents import incident_service

_ABOUT_ONE = re.compile(r"^(status|ack|acknowledge|resolve)(?:\s+(?P<ref>(?:INC-)?\d+))?$", re.IGNORECASE)
_SEVERITY = re.compile(r"^(?P<title>.*\S)\s+(?P<severity>sev[1-4])$", re.IGNORECASE | re.DOTALL)
LISTED = 15


@dataclass(frozen=True, slots=True)
class Request:
    """What a person typed after the command: an action and, for some, an incident's name or a title."""

    action: str
    ref: str = ""
    title: str = ""
    severity: str = "unset"


def parse(text: str) -> Request:
    """`help`, `list`, `status INC-3`, `ack 3`, `resolve INC-3`, nothing (the form), or a title with a severity."""
    text = text.strip()
    if not text:
        return Request("form")
    if text.lower() in ("help", "list"):
        return Request(text.lower())
    about = _ABOUT_ONE.match(text)
    if about:
        action = "ack" if about[1].lower() == "acknowledge" else about[1].lower()
        return Request(action, ref=about["ref"] or "")
    severe = _SEVERITY.match(text)
    if severe:
        return Request("open", title=severe["title"], severity=severe["severity"].lower())
    return Request("open", title=text)


def register(app: AsyncApp, desk: Desk) -> None:
    @app.command("/incident")
    async def incident(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient) -> None:
        request = parse(body.get("text", ""))
        if request.action == "form" or (request.action == "open" and not _channel(body)):
            form = modals.new_incident_modal(channel=_channel(body), title=request.title)
            await open_form_once(desk, body, client, form, kind="command:form")
            await ack()
        elif request.action in ("help", "list", "status"):
            await note(desk, body, f"command:{request.action}", "answered")
            await ack(await _answer(desk, request))
        else:
            await ack(await _change(desk, body, request))


def _channel(body: dict[str, Any]) -> str:
    """The channel a card can go to; between two people there is none, so the form asks."""
    return "" if body.get("channel_name") == "directmessage" else str(body.get("channel_id", ""))


async def _answer(desk: Desk, request: Request) -> str:
    if request.action == "help":
        return answers.HELP
    workspace = desk.identity.team_id
    async with desk.database.read() as session:
        if request.action == "list":
            page = await incident_service.list_incidents(
                session, page=1, per_page=LISTED, status="open", workspace=workspace
            )
            return answers.listing(page)
        return answers.status_of(await find(session, workspace, request.ref))


async def _change(desk: Desk, body: dict[str, Any], request: Request) -> str:
    """Do it, once, and say so; the same delivery again gets the same words."""
    async with once(desk, body, f"command:{request.action}") as delivery:
        if delivery is not None:
            delivery.outcome = await _do(delivery, body, request)
            return delivery.outcome
    return await outcome_of(desk, body) or "That is done already."


async def _do(delivery: Delivery, body: dict[str, Any], request: Request) -> str:
    user = body["user_id"]
    if request.action == "open":
        incident = await incident_service.create_incident(
            delivery.session,
            title=request.title,
            severity=request.severity,
            workspace=delivery.workspace,
            reporter=user,
            channel=body["channel_id"],
            source="slack",
        )
        return answers.opened(incident)
    incident = await find(delivery.session, delivery.workspace, request.ref)
    return await change_status(delivery.session, incident, action=request.action, user=user)


async def change_status(session: AsyncSession, incident: Incident, *, action: str, user: str) -> str:
    """Acknowledge or resolve, and the sentence about it."""
    rule = incident_service.acknowledge_incident if action == "ack" else incident_service.resolve_incident
    change = await rule(session, incident, actor=user, source="slack")
    state = f"{incident.ref} is {incident.status}"
    return f"{state} by {person(user)}." if change.changed else f"{state} already; nothing changed."


async def find(session: AsyncSession, workspace: str, ref: str) -> Incident:
    """By name; without one, the only open incident.

    Raises:
        IncidentNotFound: there is none of that name, or several are open and none was named.
    """
    if ref:
        incident = await incident_service.get_incident_by_ref(session, workspace, ref)
        if incident is None:
            raise IncidentNotFound(ref)
        return incident
    page = await incident_service.list_incidents(session, page=1, per_page=2, status="open", workspace=workspace)
    if len(page.items) != 1:
        raise IncidentNotFound("without a name like INC-3")
    return page.items[0]
