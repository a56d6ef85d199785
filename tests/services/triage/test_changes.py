"""A later report beside the former one, in one sentence that loses no finding."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.schemas.report import ReportOnset
from services.triage.changes import change_between
from tests.bot.slack.blocks import stories

APP, DB = stories.file(name="app.log"), stories.file(name="db.log", sha256="1" * 64)


def found(title, *places, sure=("likely", 0.79), kind="error"):
    """A finding with a line of evidence for each of the places, as `file:line`."""
    cited = [
        stories.evidence(number, file=place.partition(":")[0], line=int(place.partition(":")[2]))
        for number, place in enumerate(places, start=1)
    ]
    return stories.finding(title=title, evidence=cited, verdict=sure[0], confidence=sure[1], kind=kind)


def report(*findings, files=(APP,), onset=None):
    return stories.report(findings=list(findings), files=list(files), onset=onset)


def began(place, seconds=0):
    file, _, line = place.partition(":")
    return ReportOnset(at=stories.NIGHT + timedelta(seconds=seconds), file=file, line=int(line), why="new")


def said(former, later):
    change = change_between(former, later)
    return change and change.said(lambda quote: f"<{quote}>")


POOL = found("pool exhausted", "app.log:7")
LESS_SURE = found("pool exhausted", "app.log:7", sure=("inconclusive", 0.45))
NOT_MUCH_SURER = found("pool exhausted", "app.log:7", sure=("likely", 0.81))
LOCK = found("deadlock detected", "db.log:9")
BOTH = (APP, DB)


@pytest.mark.parametrize(
    ("former", "later", "sentence"),
    [
        (
            report(LESS_SURE),
            report(found("pool exhausted", "app.log:7", "db.log:3"), files=BOTH),
            "cause strengthened: <pool exhausted> (likely 79%, was inconclusive 45%); <db.log:3> shows it too",
        ),
        (
            report(POOL),
            report(LESS_SURE, files=BOTH),
            "lead weakened: <pool exhausted> (inconclusive 45%, was likely 79%); now read too: <db.log>",
        ),
        (
            report(POOL),
            report(found("pool exhausted", "app.log:7", "db.log:3", sure=("likely", 0.6)), files=BOTH),
            "cause weakened: <pool exhausted> (likely 60%, was likely 79%); now read too: <db.log>",
        ),
        (
            report(POOL, onset=began("app.log:7")),
            report(LOCK, POOL, files=BOTH, onset=began("db.log:3", -60)),
            (
                "cause changed from <pool exhausted> (likely 79%) to <deadlock detected> (likely 79%) because <db.log> "
                "holds earlier trouble (02:10:05 UTC, <db.log:3>)"
            ),
        ),
        (
            report(POOL, onset=began("app.log:7")),
            report(LOCK, POOL, files=BOTH, onset=began("app.log:7")),
            (
                "cause changed from <pool exhausted> (likely 79%) to <deadlock detected> (likely 79%) because "
                "<db.log:9> shows it"
            ),
        ),
        (
            report(POOL),
            report(found("restarted", "app.log:2"), POOL, files=BOTH),
            ("cause changed from <pool exhausted> (likely 79%) to <restarted> (likely 79%); now read too: <db.log>"),
        ),
        (
            report(POOL),
            report(NOT_MUCH_SURER, files=BOTH),
            "nothing new in <db.log>: the cause stays <pool exhausted> (likely 81%)",
        ),
        (
            report(POOL),
            report(POOL, LOCK, found("gone", "db.log:90"), files=BOTH),
            (
                "cause unchanged: <pool exhausted> (likely 79%); new: <deadlock detected> at <db.log:9>, and 1 more "
                "finding"
            ),
        ),
        (report(), report(files=BOTH), "nothing new in <db.log>: nothing abnormal found in it either"),
        (report(), report(LOCK, files=BOTH), "cause found: <deadlock detected> (likely 79%) at <db.log:9>"),
        (
            report(POOL),
            report(files=BOTH),
            "weakened: <pool exhausted> (likely 79%) is not abnormal beside what came",
        ),
        (
            report(POOL),
            report(POOL, files=(APP, stories.file(name="a.png", sha256="", lines=0, unread="a picture"))),
            "nothing new: <a.png> could not be read",
        ),
        (
            report(POOL, LOCK),
            report(POOL, files=BOTH),
            (
                "nothing new in <db.log>: the cause stays <pool exhausted> (likely 79%); no longer among the findings: "
                "<deadlock detected>"
            ),
        ),
        (report(POOL, LOCK), report(POOL), "no longer among the findings: <deadlock detected>"),
        (report(LESS_SURE), report(POOL), "cause strengthened: <pool exhausted> (likely 79%, was inconclusive 45%)"),
        (report(POOL), report(NOT_MUCH_SURER), None),
    ],
)
def test_what_is_said(former, later, sentence):
    assert said(former, later) == sentence


def test_a_title_that_differs_in_numbers_only_is_the_same_finding():
    former = report(found("timed out after 30 s", "app.log:7"))
    later = report(found("timed out after 31 s", "db.log:2"), files=BOTH)
    assert said(former, later).startswith("nothing new")


def test_a_finding_that_another_cites_now_is_not_lost():
    former, later = report(POOL, LOCK), report(found("pool exhausted", "app.log:7", "db.log:9"), files=BOTH)
    assert "no longer" not in said(former, later)


def test_a_lead_that_a_cause_replaces_is_not_called_a_cause():
    assert said(report(LESS_SURE), report(LOCK, LESS_SURE, files=BOTH)) == (
        "lead <pool exhausted> (inconclusive 45%) gives way to the cause <deadlock detected> (likely 79%) because "
        "<db.log:9> shows it"
    )


def test_a_cause_that_only_goes_along_with_another_is_another():
    """It is cited, so it is not lost; but what is said to be the cause is something else now."""
    cascade = found("db is what the others fail on", "db.log:9", "app.log:7", kind="cascade")
    assert said(report(POOL), report(cascade, files=BOTH)) == (
        "cause changed from <pool exhausted> (likely 79%) to <db is what the others fail on> (likely 79%) because "
        "<db.log:9> shows it"
    )


def test_what_only_stands_around_claims_nothing():
    around = found("What stands around the first findings", "app.log:1", kind="context")
    assert said(report(around), report(files=BOTH)) == "nothing new in <db.log>: nothing abnormal found in it either"


titles = st.text(st.characters(categories=["L", "P", "S"]), min_size=1, max_size=60)
findings = st.lists(titles, max_size=12, unique=True).map(
    lambda named: [found(title, f"app.log:{line}") for line, title in enumerate(named, start=1)]
)


@settings(max_examples=100, deadline=None)
@given(findings, st.data())
def test_no_finding_is_lost_without_a_word(before, draw):
    """Also where titles hold what the sentence itself is made with."""
    kept = [each for each in before if draw.draw(st.booleans())]
    change = change_between(report(*before), report(*kept, files=BOTH))
    gone = [each.title for each in before if each not in kept]
    spoken = change.said(lambda quote: f"<{quote}>")
    named = [title for title in gone if f"<{title}>" in spoken]
    rest = len(gone) - len(named)
    assert rest == 0 or f" and {rest:,} more of the report before" in spoken
    assert "\n" not in change.wording
