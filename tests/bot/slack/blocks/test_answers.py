"""Answers to commands: true to the incident, and nothing in them pings but the people they name."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.slack.blocks import answers
from models.base import utc_now
from sandbox.block_kit import view_problems
from services.incidents.incident_service import IncidentPage
from tests.bot.slack.blocks import stories
from tests.bot.slack.blocks.hostile import assert_only_ours, incidents, is_escaped, markup_texts, people, texts


def page_of(incidents, total=None):
    return IncidentPage(items=incidents, total=total or len(incidents), page=1, per_page=20)


@settings(max_examples=50, deadline=None)
@given(incidents)
def test_any_incident_can_be_told(incident):
    for text in (answers.status_of(incident), answers.opened(incident), answers.listing(page_of([incident]))):
        assert_only_ours(text)


@settings(max_examples=30, deadline=None)
@given(st.builds(lambda one, count: [one] * count, incidents, st.sampled_from([0, 1, 20])))
def test_app_home_is_a_view_slack_takes(listed):
    view = {"type": "home", "blocks": answers.home_blocks(page_of(listed))}
    assert view_problems(view) == []
    for text in markup_texts(view["blocks"]):
        assert_only_ours(text)


@settings(max_examples=50, deadline=None)
@given(incidents, people, texts)
def test_a_call_for_help_pings_one_person_alone(incident, actor, note):
    text = answers.escalation(incident, target="U0CAT", actor=actor, note=note)
    ours = text.removeprefix("<@U0CAT>: ").removeprefix("<@U0ANA>").removeprefix("<@W0BEN>")
    assert text.startswith("<@U0CAT>: ")
    assert is_escaped(ours.replace("\n> ", "\n"))


def test_a_note_stands_as_a_quotation():
    text = answers.escalation(stories.incident(), target="U0CAT", actor="U0BEN", note="it is the pool\n<!here>")
    assert text == (
        "<@U0CAT>: <@U0BEN> calls you in on *INC-42* Checkout fails for everybody.\n> it is the pool\n> &lt;!here&gt;"
    )


@pytest.mark.parametrize(
    ("open_for", "said"),
    [
        (timedelta(seconds=20), "0 min"),
        (timedelta(minutes=59), "59 min"),
        (timedelta(minutes=95), "1 h 35 min"),
        (timedelta(hours=47), "47 h 0 min"),
        (timedelta(days=3), "3 days"),
    ],
)
def test_status_says_how_long_and_who_leads(open_for, said):
    told = answers.status_of(stories.led(created_at=utc_now() - open_for))
    assert told.endswith(f"\nOpen for {said}, led by <@U0BEN>.")


def test_status_of_an_incident_nobody_leads():
    assert answers.status_of(stories.incident()).endswith(", nobody has taken command.")


def test_a_listing_counts_what_it_does_not_show():
    assert answers.listing(page_of([])).startswith("No incident is open.")
    assert "more" not in answers.listing(page_of([stories.incident()]))
    assert answers.listing(page_of([stories.incident()], total=31)).endswith("\n… and 30 more")
