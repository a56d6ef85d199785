"""The incident card: the thread's root, edited in place as the incident moves on."""

from typing import Any

from bot.slack.blocks.mrkdwn import (
    HEADER_CHARS,
    SECTION_CHARS,
    button,
    context,
    cut,
    escape_within,
    moment,
    person,
    plain,
    quoted,
    section,
)
from models.incident import Incident, IncidentStatus, MilestoneKind, Role, Severity
from services.incidents.incident_service import OPEN_STATUSES, commander_of, milestone_of

EMOJI = {
    IncidentStatus.TRIGGERED: ":rotating_light:",
    IncidentStatus.ACKNOWLEDGED: ":eyes:",
    IncidentStatus.MITIGATED: ":adhesive_bandage:",
    IncidentStatus.RESOLVED: ":white_check_mark:",
    IncidentStatus.CLOSED: ":lock:",
    IncidentStatus.CANCELED: ":no_entry_sign:",
}


def card_text(incident: Incident) -> str:
    """The card in one line, for notifications and screen readers."""
    severity = "" if incident.severity == Severity.UNSET else f" ({incident.severity.upper()})"
    return f"{incident.ref}{severity} {incident.status}: {quoted(incident.title, 150)}"


def card_blocks(incident: Incident) -> list[dict[str, Any]]:
    blocks: list[dict[str, Any]] = [
        {"type": "header", "text": plain(cut(f"{incident.ref}  {incident.title}", HEADER_CHARS))},
        {"type": "section", "fields": [{"type": "mrkdwn", "text": field} for field in _fields(incident)]},
    ]
    if incident.summary.strip():
        blocks.append(section(escape_within(incident.summary, SECTION_CHARS)))
    blocks.append(context(" · ".join(_story(incident))))
    if incident.status in OPEN_STATUSES or incident.status == IncidentStatus.RESOLVED:
        blocks.append({"type": "actions", "block_id": "incident_actions", "elements": _buttons(incident)})
    return blocks


def _fields(incident: Incident) -> list[str]:
    severity = "not set" if incident.severity == Severity.UNSET else incident.severity.upper()
    commander = commander_of(incident)
    reporter = next((role for role in incident.roles if role.role == Role.REPORTER), None)
    return [
        f"*Status*\n{EMOJI[incident.status]} {incident.status.capitalize()}",
        f"*Severity*\n{severity}",
        f"*Commander*\n{person(commander.user) if commander else 'nobody yet'}",
        f"*Reported by*\n{person(reporter.user) if reporter else 'unknown'}",
    ]


def _story(incident: Incident) -> list[str]:
    """Who did what, when."""
    told = [f"Opened {moment(incident.created_at)}"]
    for kind, verb in ((MilestoneKind.ACKNOWLEDGED, "Acknowledged"), (MilestoneKind.RESOLVED, "Resolved")):
        reached = milestone_of(incident, kind)
        if reached is not None:
            told.append(f"{verb} by {person(reached.actor)} {moment(reached.occurred_at)}")
    told += [f"{person(e.actor)} called in {person(e.target)}" for e in incident.escalations[-3:]]
    if incident.status in OPEN_STATUSES:
        told.append("Drop log files in this thread and I read them")
    return told


def _buttons(incident: Incident) -> list[dict[str, Any]]:
    if incident.status == IncidentStatus.RESOLVED:
        return [button("Reopen", "incident_reopen", incident.id)]
    buttons = []
    if incident.status == IncidentStatus.TRIGGERED:
        buttons.append(button("Acknowledge", "incident_acknowledge", incident.id, "primary"))
    buttons.append(button("Escalate", "incident_escalate", incident.id))
    buttons.append(button("Resolve", "incident_resolve", incident.id, "danger"))
    buttons.append(_more(incident))
    return buttons


def _more(incident: Incident) -> dict[str, Any]:
    return {
        "type": "overflow",
        "action_id": "incident_more",
        "options": [
            {"text": plain("Take command"), "value": f"command:{incident.id}"},
            {"text": plain("Change severity"), "value": f"severity:{incident.id}"},
            {"text": plain("Not an incident"), "value": f"cancel:{incident.id}"},
        ],
    }
