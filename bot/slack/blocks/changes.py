"""The one line in the thread that says what a further upload changed."""

from bot.slack.blocks.mrkdwn import code
from services.triage.changes import Change

QUOTE_CHARS = 160


def change_text(change: Change) -> str:
    """As a reply; what it quotes is never markup."""
    said = change.said(lambda quote: code(quote, QUOTE_CHARS))
    return f"{said[:1].upper()}{said[1:]}."
