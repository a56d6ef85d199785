"""The modals: open an incident, call somebody in, change the severity, see all templates."""

from typing import Any

from bot.slack.blocks.mrkdwn import code_block, context, plain, section
from models.incident import Incident, Severity
from models.schemas.report import Report
from services.incidents.incident_service import MAX_TITLE_CHARS

NEW_INCIDENT = "new_incident"
ESCALATE = "escalate"
SEVERITY = "severity"
TEMPLATES_SHOWN = 40  # a view holds 100 blocks and 250 kB; the whole list is in the report file

_SEVERITY_WORDS = {
    Severity.SEV1: "SEV1 – everything is down",
    Severity.SEV2: "SEV2 – many people are affected",
    Severity.SEV3: "SEV3 – some people are affected",
    Severity.SEV4: "SEV4 – a nuisance",
    Severity.UNSET: "Not set yet",
}


def new_incident_modal(*, channel: str, title: str = "") -> dict[str, Any]:
    """`private_metadata` carries the channel the card goes to; without one the form asks for it."""
    name: dict[str, Any] = {
        "type": "plain_text_input",
        "action_id": "title",
        "max_length": MAX_TITLE_CHARS,
        "placeholder": plain("Checkout fails for everybody"),
    }
    if title:
        name["initial_value"] = title[:MAX_TITLE_CHARS]
    blocks = [
        _input("title", "What is broken?", name),
        _input("severity", "How bad is it?", _severity_select(Severity.UNSET)),
        _input("summary", "What do you know so far?", _long_text("summary"), optional=True),
    ]
    if not channel:
        pick = {"type": "conversations_select", "action_id": "channel", "default_to_current_conversation": True}
        pick["filter"] = {"include": ["public", "private"], "exclude_bot_users": True}
        blocks.append(_input("channel", "In which channel?", pick))
    return _modal(NEW_INCIDENT, "Open an incident", "Open", blocks, private_metadata=channel)


def escalate_modal(incident: Incident) -> dict[str, Any]:
    who = {"type": "users_select", "action_id": "target", "placeholder": plain("Pick somebody")}
    blocks = [
        _input("target", "Who should come?", who),
        _input("note", "What should they know?", _long_text("note"), optional=True),
    ]
    return _modal(ESCALATE, f"Escalate {incident.ref}"[:24], "Call them in", blocks, private_metadata=incident.id)


def severity_modal(incident: Incident) -> dict[str, Any]:
    blocks = [_input("severity", "How bad is it?", _severity_select(incident.severity))]
    return _modal(SEVERITY, f"Severity of {incident.ref}"[:24], "Set", blocks, private_metadata=incident.id)


def templates_modal(incident: Incident, report: Report) -> dict[str, Any]:
    shown = report.templates[:TEMPLATES_SHOWN]
    blocks = [
        section(
            f"*×{t.count:,}*  lines {t.first_line:,}–{t.last_line:,}  {t.level or ''}\n{code_block(t.template, 300)}"
        )
        for t in shown
    ]
    left = len(report.templates) - len(shown)
    if left > 0:
        blocks.append(context(f"{left:,} more templates are in the report file."))
    if not blocks:
        blocks.append(context("The logs held no line that could be grouped."))
    return {
        "type": "modal",
        "title": plain(f"Templates of {incident.ref}"[:24]),
        "close": plain("Close"),
        "blocks": blocks,
    }


def _modal(
    callback_id: str, title: str, submit: str, blocks: list[dict[str, Any]], *, private_metadata: str
) -> dict[str, Any]:
    return {
        "type": "modal",
        "callback_id": callback_id,
        "title": plain(title),
        "submit": plain(submit),
        "close": plain("Cancel"),
        "private_metadata": private_metadata,
        "blocks": blocks,
    }


def _input(block_id: str, label: str, element: dict[str, Any], *, optional: bool = False) -> dict[str, Any]:
    return {"type": "input", "block_id": block_id, "label": plain(label), "element": element, "optional": optional}


def _long_text(action_id: str) -> dict[str, Any]:
    return {"type": "plain_text_input", "action_id": action_id, "multiline": True, "max_length": 2_000}


def _severity_select(initial: Severity) -> dict[str, Any]:
    options = {s: {"text": plain(words), "value": s.value} for s, words in _SEVERITY_WORDS.items()}
    return {
        "type": "static_select",
        "action_id": "severity",
        "options": list(options.values()),
        "initial_option": options[initial],
    }
