"""What the bot answers to commands and mentions: short, in mrkdwn."""

from datetime import timedelta
from typing import Any

from bot.slack.blocks.card import EMOJI
from bot.slack.blocks.mrkdwn import channel_link, context, escape, moment, person, plain, quoted, section
from models.base import utc_now
from models.incident import Incident, Severity
from services.incidents.incident_service import IncidentPage, commander_of

HELP = """\
*What I do*
I open incidents, read the log files you drop in an incident's thread, and say what broke, when it began and which \
lines show it.

• `/incident &lt;what is broken&gt; [sev1..sev4]` opens an incident here; `/incident` alone opens a form
• `/incident list` shows the open ones
• `/incident status INC-n`, `/incident ack INC-n`, `/incident resolve INC-n`
• drop log files (plain, .gz, .zst, .zip, .tar.gz) in the incident's thread, and I triage them
• in a thread, where slash commands do not work, mention me: `help`, `status`, `ack` or `resolve`"""


def listing(page: IncidentPage) -> str:
    if not page.items:
        return "No incident is open. `/incident &lt;what is broken&gt;` opens one."
    rows = [_row(incident) for incident in page.items]
    more = page.total - len(page.items)
    if more > 0:
        rows.append(f"… and {more} more")
    return "\n".join(rows)


def status_of(incident: Incident) -> str:
    commander = commander_of(incident)
    led = f"led by {person(commander.user)}" if commander else "nobody has taken command"
    return f"{_row(incident)}\nOpen for {_duration(utc_now() - incident.created_at)}, {led}."


def opened(incident: Incident) -> str:
    return f"{incident.ref} is open. Its card is in this channel: drop log files in its thread and I read them."


def home_blocks(page: IncidentPage) -> list[dict[str, Any]]:
    """App Home: what is open, and how to begin."""
    blocks: list[dict[str, Any]] = [{"type": "header", "text": plain("Open incidents")}]
    if page.items:
        blocks += [section(_row(incident)) for incident in page.items]
    else:
        blocks.append(section("Nothing is on fire."))
    return [
        *blocks,
        {"type": "divider"},
        section(HELP),
        context("The list is drawn anew each time you open this page."),
    ]


def _row(incident: Incident) -> str:
    severity = "" if incident.severity == Severity.UNSET else f" {incident.severity.upper()}"
    where = f" in {channel_link(incident.channel)}" if incident.channel else ""
    return (
        f"{EMOJI[incident.status]} *{incident.ref}*{severity} {quoted(incident.title, 150)} – "
        f"{incident.status}, opened {moment(incident.created_at)}{where}"
    )


def _duration(elapsed: timedelta) -> str:
    minutes = int(elapsed.total_seconds() // 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours < 48 else f"{hours // 24} days"


def escalation(incident: Incident, *, target: str, actor: str, note: str) -> str:
    """The line in the thread that calls somebody in."""
    said = "".join(f"\n> {escape(line)}" for line in note.splitlines())
    return f"{person(target)}: {person(actor)} calls you in on *{incident.ref}* {quoted(incident.title, 150)}.{said}"
