"""Any incident has a card that Slack takes, and nothing in it pings but the people it names."""

from hypothesis import given, settings

from bot.slack.blocks.card import card_blocks, card_text
from models.incident import IncidentStatus
from sandbox.block_kit import characters, message_problems
from tests.bot.slack.blocks import stories
from tests.bot.slack.blocks.hostile import assert_only_ours, incidents, is_escaped, markup_texts


@settings(max_examples=100, deadline=None)
@given(incidents)
def test_any_incident_has_a_card(incident):
    blocks = card_blocks(incident)
    assert message_problems(blocks) == []
    assert characters(blocks) <= 10_000
    assert is_escaped(card_text(incident))
    summary = blocks[2]["text"]["text"] if incident.summary.strip() else ""
    for text in markup_texts(blocks):
        if text != summary:
            assert_only_ours(text)
    assert is_escaped(summary)


def test_a_long_title_ends_in_an_ellipsis():
    header = card_blocks(stories.incident(title="x" * 150))[0]["text"]["text"]
    assert len(header) == 150
    assert header.endswith("x…")


def test_a_summary_of_blanks_is_none():
    assert [block["type"] for block in card_blocks(stories.incident(summary=" \n"))][:3] == [
        "header",
        "section",
        "context",
    ]


def test_what_is_over_has_no_buttons():
    for status in (IncidentStatus.CLOSED, IncidentStatus.CANCELED):
        assert card_blocks(stories.incident(status=status))[-1]["type"] == "context"
