"""Any incident and any report has forms that Slack opens."""

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.slack.blocks.modals import escalate_modal, new_incident_modal, severity_modal, templates_modal
from models.incident import Severity
from sandbox.block_kit import view_problems
from tests.bot.slack.blocks import stories
from tests.bot.slack.blocks.hostile import assert_only_ours, incidents, markup_texts, texts

any_form = settings(max_examples=50, deadline=None)
templates = st.builds(
    stories.template,
    template=texts.map(lambda text: text[:400]),
    level=st.none() | st.just("error"),
    count=st.integers(1, 10**9),
    first_line=st.integers(1, 10**9),
)
listed = st.lists(templates, max_size=8) | st.builds(
    lambda one, count: [one] * count, templates, st.sampled_from([40, 41, 5_000])
)


@any_form
@given(incidents)
def test_any_incident_can_be_escalated_and_weighed(incident):
    assert view_problems(escalate_modal(incident)) == []
    assert view_problems(severity_modal(incident)) == []


@any_form
@given(texts)
def test_whatever_was_typed_after_the_command_is_in_the_form(typed):
    form = new_incident_modal(channel="C0INCIDENTS", title=typed)
    assert view_problems(form) == []
    assert form["blocks"][0]["element"].get("initial_value", "") == typed[:150]


@any_form
@given(incidents, listed)
def test_any_templates_can_be_listed(incident, templates):
    view = templates_modal(incident, stories.report(templates=templates))
    assert view_problems(view) == []
    for text in markup_texts(view):
        assert_only_ours(text)
        assert text.endswith(("```", "the report file.")) or not templates


def test_of_5000_templates_the_first_are_shown_and_the_others_counted():
    numbered = [stories.template(id=n, template=f"kind {n}") for n in range(5_000)]
    shown = markup_texts(templates_modal(stories.incident(), stories.report(templates=numbered)))
    assert [f"```kind {n}```" in text for n, text in enumerate(shown[:40])] == [True] * 40
    assert shown[40] == "4,960 more templates are in the report file."


def test_the_severity_form_starts_at_what_is_set():
    form = severity_modal(stories.incident(severity=Severity.SEV3))
    assert form["blocks"][0]["element"]["initial_option"]["value"] == "sev3"
