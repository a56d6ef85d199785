"""Text for Slack: what people and logs wrote is escaped, what we say about it is marked up."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

Block = Mapping[str, Any]

HEADER_CHARS = 150
SECTION_CHARS = 3_000
NAME_CHARS = 100
CODE_FENCE = "```"
_FENCE_OR_PART_OF_ONE = re.compile(r"`{3,}|\A`+|`+\Z")
_CUT_ESCAPE = re.compile(r"&[a-z]*\Z")


def escape(text: str) -> str:
    """The three characters Slack reads as markup; this also defuses <!channel> and <@U…>."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def escape_within(text: str, limit: int) -> str:
    """Escaped, at most `limit` characters with the escapes, an ellipsis where something was left out.

    The limits are Slack's, and Slack counts `&lt;` as four; none is cut through.
    """
    whole = escape(text[: limit + 1])
    if len(whole) <= limit:
        return whole
    return f"{_CUT_ESCAPE.sub('', whole[: limit - 1])}…"


def cut(text: str, limit: int) -> str:
    """At most `limit` characters, and an ellipsis where something was left out; for text without escapes."""
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def quoted(text: str, limit: int) -> str:
    """Words inside a sentence of ours: escaped and on one line. What a log says goes into `code` instead."""
    return escape_within(" ".join(text.replace(CODE_FENCE, "ʼʼʼ").split()), limit)


def code_block(text: str, limit: int) -> str:
    """A verbatim line in a code block that it cannot close."""
    harmless = _FENCE_OR_PART_OF_ONE.sub(lambda ticks: "ʼ" * len(ticks[0]), text)
    return f"{CODE_FENCE}{escape_within(harmless, limit) or ' '}{CODE_FENCE}"


def code(text: str, limit: int = 120, *, ending: str = "") -> str:
    """A log's words inside a sentence of ours: one line in which no character is markup. `ending` is never cut."""
    words = " ".join(text.replace("`", "ʼ").split())
    return f"`{escape_within(words, limit - len(ending)) or '–'}{ending}`"


def person(user: str) -> str:
    """A mention of somebody known by a Slack id, or the plain name of anybody else."""
    is_slack_id = user[:1] in ("U", "W") and user.isalnum() and user.upper() == user
    return f"<@{user}>" if is_slack_id else quoted(user, NAME_CHARS)


def channel_link(channel: str) -> str:
    """A link to a channel known by its id, or what else was given as one."""
    return f"<#{channel}>" if channel.isalnum() else quoted(channel, NAME_CHARS)


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
