"""What may stand in a log, a file's name or a title, and what must never come of it in Slack."""

import re
from itertools import chain

from hypothesis import strategies as st

from models.incident import Escalation, IncidentStatus, Milestone, MilestoneKind, Role, RoleAssignment, Severity
from services.incidents.incident_service import MAX_TITLE_CHARS
from tests.bot.slack.blocks import stories

PIECES = [
    "&", "<", ">", "`", "``", "```", "````", "<!channel>", "<@U0ANA>", "<https://example.org|here>", "&lt;", "&amp",
    "\n", "\t", "\u202e", "\u05d0\u05d1", "\u200b", "😀", "…", "*", "_", "~", "|", " ", "at com.example.Cart.add(Cart.java:12)",
]  # fmt: skip
pieces = st.sampled_from(PIECES)
texts = st.one_of(
    st.lists(pieces | st.text(max_size=6), max_size=30).map("".join),
    st.builds(lambda piece, times: piece * times, pieces, st.integers(1, 500)),
    st.builds(lambda head, piece, times: head + piece * times, st.text(max_size=5), pieces, st.integers(1, 200)),
)

_OURS = re.compile(r"<!date\^\d+\^\{date_short_pretty\} \{time\}\|[-: 0-9]+ UTC>|<@[UW][A-Z0-9]*>|<#\w+>")
_ESCAPES = re.compile(r"&(?:amp|lt|gt);")


def is_escaped(text):
    """Whether Slack sees nothing but words in it."""
    return not re.search(r"[<>&]", _ESCAPES.sub("", text))


def markup_texts(payload):
    """Every text of the payload that Slack reads as mrkdwn."""
    if isinstance(payload, list):
        return list(chain.from_iterable(map(markup_texts, payload)))
    if not isinstance(payload, dict):
        return []
    if payload.get("type") == "mrkdwn":
        return [payload["text"]]
    return markup_texts(list(payload.values()))


def assert_only_ours(text):
    """No mention, link or escape in it but the dates, people and channels we name, and every code fence closed."""
    assert is_escaped(_OURS.sub("", text)), text
    assert text.count("```") % 2 == 0, text


titles = texts.map(lambda text: " ".join(text.split())[:MAX_TITLE_CHARS]).filter(bool)
people = st.sampled_from(["U0ANA", "W0BEN", "api"]) | texts.map(lambda text: text[:64])
roles = st.builds(lambda role, user: RoleAssignment(role=role, user=user), st.sampled_from(Role), people)
milestones = st.builds(
    lambda kind, actor: Milestone(kind=kind, actor=actor, occurred_at=stories.NIGHT),
    st.sampled_from(MilestoneKind),
    people,
)
escalations = st.builds(lambda target, actor: Escalation(level=1, target=target, actor=actor, note=""), people, people)
incidents = st.builds(
    stories.incident,
    number=st.integers(1, 10**9),
    title=titles,
    summary=texts,
    severity=st.sampled_from(Severity),
    status=st.sampled_from(IncidentStatus),
    channel=st.none() | st.just("C0INCIDENTS") | texts.map(lambda text: text[:32]),
    roles=st.lists(roles, max_size=3),
    milestones=st.lists(milestones, max_size=3),
    escalations=st.lists(escalations, max_size=6),
)
