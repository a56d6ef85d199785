"""Text for Slack: what people and logs wrote is escaped, what we say about it is marked up."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

Block = Mapping[str, Any]

SECTION_CHARS = 3_000
CODE_FENCE = "```"


def escape(text: str) -> str:
    """The three characters Slack reads as markup; this also defuses <!channel> and <@U…>."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def cut(text: str, limit: int) -> str:
    """At most `limit` characters, and an ellipsis where something was left out."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def quoted(text: str, limit: int) -> str:
    """Words inside a sentence of ours: escaped and on one line. What a log says goes into `code` instead."""
    return escape(cut(" ".join(text.split()), limit))


def code_block(text: str, limit: int) -> str:
    """A verbatim line in a code block that it cannot close."""
    return f"{CODE_FENCE}{escape(cut(text.replace(CODE_FENCE, 'ʼʼʼ'), limit))}{CODE_FENCE}"


def code(text: str, limit: int = 120) -> str:
    """A log's words inside a sentence of ours: one line in which no character is markup."""
    return f"`{escape(cut(' '.join(text.replace('`', 'ʼ').split()), limit))}`"


def person(user: str) -> str:
    """A mention of somebody known by a Slack id, or the plain name of anybody else."""
    is_slack_id = user[:1] in ("U", "W") and user.isalnum() and user.upper() == user
    return f"<@{user}>" if is_slack_id else escape(user)


def moment(at: datetime) -> str:
    """Shown in the reader's own time zone."""
    return f"<!date^{int(at.timestamp())}^{{date_short_pretty}} {{time}}|{at:%Y-%m-%d %H:%M} UTC>"


def section(text: str, *, block_id: str | None = None) -> dict[str, Any]:
    block: dict[str, Any] = {"type": "section", "text": {"type": "mrkdwn", "text": cut(text, SECTION_CHARS)}}
    if block_id:
        block["block_id"] = block_id
    return block


def context(text: str) -> dict[str, Any]:
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": cut(text, SECTION_CHARS)}]}


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text, "emoji": True}


def button(text: str, action_id: str, value: str, style: str | None = None) -> dict[str, Any]:
    element: dict[str, Any] = {"type": "button", "action_id": action_id, "text": plain(text), "value": value}
    if style:
        element["style"] = style
    return element
