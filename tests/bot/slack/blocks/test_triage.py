"""Any report makes a message that Slack takes, that says the least it must, and in which logs are only words."""

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.slack.blocks.triage import triage_blocks, triage_text
from models.triage import PictureState, RunState
from sandbox.block_kit import characters, message_problems
from services.triage.feedback import Tally
from tests.bot.slack.blocks import stories
from tests.bot.slack.blocks.hostile import assert_only_ours, markup_texts, texts

MESSAGE_CHARS = 10_000  # what the text of all blocks of one message may come to
UPDATE_TEXT_CHARS = 4_000
names = texts.map(lambda text: text[:255])
line_numbers = st.integers(1, 10**9)
verdicts = st.sampled_from(["confirmed", "likely", "inconclusive"])

steps = st.builds(lambda text: stories.ReportNextStep(text=text, evidence=["E1"]), texts)
cited = st.builds(
    lambda number, file, line, text: stories.evidence(number, file=file, line=line, text=text),
    st.integers(1, 500), names, line_numbers, texts,
)  # fmt: skip
findings = st.builds(
    stories.finding,
    kind=st.sampled_from(["error", "cascade", "silence", "context"]),
    title=texts,
    summary=texts,
    component=st.none() | texts,
    verdict=verdicts,
    confidence=st.floats(0, 1),
    evidence=st.lists(cited, max_size=6),
    next_steps=st.lists(steps, max_size=3),
)
onsets = st.builds(stories.ReportOnset, at=st.none() | st.just(stories.NIGHT), file=names, line=line_numbers, why=texts)
unread_files = st.builds(lambda name, why: stories.file(name=name, unread=why), names, texts.filter(bool))


def repeated(each, *counts):
    """None, or many of one: what a report of a broken night holds is much the same line."""
    return st.builds(lambda one, count: [one] * count, each, st.sampled_from([0, 1, *counts]))


reports = st.builds(
    stories.report,
    files=repeated(unread_files | st.just(stories.file()), 3, 200),
    onset=st.none() | onsets,
    findings=st.lists(findings, max_size=4) | repeated(findings, 500),
    also_considered=repeated(st.builds(stories.ReportConsidered, title=texts, why_not=texts), 3, 100),
    missing=repeated(st.builds(stories.ReportMissing, what=texts, why=texts), 3, 100),
)
refusals = repeated(st.builds(stories.refused, names, st.none() | texts), 2, 200)
pictures = st.none() | st.builds(
    lambda words, state: stories.picture(alt_text=words, state=state), texts.filter(bool), st.sampled_from(PictureState)
)
readings = st.builds(
    lambda of, artifacts, state, error, total, picture: stories.triage(
        of=of, artifacts=artifacts, state=state, error=error, progress_total_bytes=total, progress_bytes=total // 3,
        picture=picture,
    ),
    st.none() | reports,
    refusals,
    st.sampled_from(RunState),
    st.none() | texts,
    st.sampled_from([0, 5, 10**6, 10**11]),
    pictures,
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(readings)
def test_any_triage_is_a_message_slack_takes_and_pings_nobody(view):
    blocks, text = triage_blocks(view), triage_text(view)
    assert message_problems(blocks) == []
    assert characters(blocks) <= MESSAGE_CHARS
    assert 0 < len(text) <= UPDATE_TEXT_CHARS
    for each in [text, *markup_texts(blocks)]:
        assert_only_ours(each)


@settings(max_examples=50, deadline=None)
@given(reports, refusals)
def test_however_long_the_report_its_buttons_and_what_was_not_read_are_there(report, artifacts):
    blocks = triage_blocks(stories.triage(of=report, artifacts=artifacts))
    assert blocks[-1]["type"] == "actions"
    unread = len(artifacts) + sum(bool(file.unread) for file in report.files)
    warnings = [text for text in markup_texts(blocks) if text.startswith(":warning:")]
    assert len(warnings) == min(unread, 4)
    if unread > 4:
        assert f"{unread - 3} more files not read whole" in warnings[-1]


@settings(max_examples=50, deadline=None)
@given(reports)
def test_a_cited_line_keeps_its_number(report):
    texts_shown = markup_texts(triage_blocks(stories.triage(of=report)))
    quoting = [text for text in texts_shown if text.startswith("*E")]
    for text, evidence in zip(quoting, [e for f in report.findings[:1] for e in f.evidence], strict=False):
        place, _, line = text.partition("\n")
        assert place.startswith(f"*{evidence.id}*  `")
        assert place.endswith(f":{evidence.line}`")
        assert line.startswith("```")
        assert line.endswith("```")


@pytest.mark.parametrize(
    ("tally", "said"),
    [
        (Tally(), None),
        (Tally(right=1), "1 person says this is right."),
        (Tally(right=2), "2 people say this is right."),
        (Tally(wrong=1_200), "1,200 people say this is wrong."),
        (Tally(right=2, wrong=1), "2 people say this is right; 1 person says this is wrong."),
    ],
)
def test_what_people_say_of_the_finding_is_shown_above_the_buttons(tally, said):
    shown = markup_texts(triage_blocks(stories.triage(of=stories.report(), tally=tally)))
    assert [text for text in shown if "this is" in text] == ([said] if said else [])


def worst_report():
    """Every text as long as the engine writes them, all of it characters that are escaped."""
    line = "&" * 3_000
    cited = [stories.evidence(n, file=line[:300], text=line) for n in range(1, 9)]
    step = stories.ReportNextStep(text=line, evidence=[])
    worst = stories.finding(title=line, summary=line, component=line, evidence=cited, next_steps=[step])
    return stories.report(
        onset=stories.ReportOnset(at=None, file=line[:300], line=7, why=line),
        findings=[worst] * 500,
        also_considered=[stories.ReportConsidered(title=line, why_not=line)] * 100,
        missing=[stories.ReportMissing(what=line, why=line)] * 100,
        templates=[stories.template(template=line[:400])] * 5_000,
        files=[stories.file(name=line[:300], unread=line)] * 200,
    )


def test_the_worst_report_is_cut_at_its_end_and_says_so():
    blocks = triage_blocks(stories.triage(of=worst_report(), artifacts=[stories.refused("&" * 255, "&" * 900)] * 200))
    assert message_problems(blocks) == []
    assert characters(blocks) <= MESSAGE_CHARS
    shown = markup_texts(blocks)
    assert "More is in the report file." in shown
    assert [text[:4] for text in shown if text.startswith("*E")] == ["*E1*", "*E2*", "*E3*", "*E4*", "*E5*"]
    assert "399 more" not in shown[-1]
    assert ":warning: 397 more files not read whole" in shown[-1]


def test_a_report_that_is_cut_keeps_its_picture():
    blocks = triage_blocks(stories.triage(of=worst_report(), picture=stories.picture()))
    assert sum(block["type"] == "image" for block in blocks) == 1
    assert characters(blocks) + len(stories.picture().alt_text) <= MESSAGE_CHARS
    assert "More is in the report file." in markup_texts(blocks)


@pytest.mark.parametrize("state", [PictureState.DRAWN, PictureState.REFUSED])
def test_a_picture_is_shown_only_where_slack_can_show_it(state):
    blocks = triage_blocks(stories.triage(of=stories.report(), picture=stories.picture(state=state)))
    assert "image" not in [block["type"] for block in blocks]


def test_a_report_that_fits_is_not_cut():
    assert "More is in the report file." not in markup_texts(triage_blocks(stories.triage(of=stories.report())))


def open_finding(**changes):
    return stories.finding(verdict="inconclusive", confidence=0.41, **changes)


def test_where_nothing_is_sure_the_strongest_lead_is_named_and_what_would_decide_it():
    view = stories.triage(of=stories.report(findings=[open_finding()]))
    head = markup_texts(triage_blocks(view))[2]
    assert head.startswith(":white_circle: *Inconclusive*, the strongest lead (41%) in `checkout`: `HikariPool")
    assert head.endswith("\nTo decide it: the database's log from 02:00 to 02:15.")
    assert triage_text(view).startswith("Triage of INC-42: inconclusive, the strongest lead: HikariPool")


def test_what_is_sure_needs_nothing_to_decide_it():
    assert "To decide it" not in "".join(markup_texts(triage_blocks(stories.triage(of=stories.report()))))


def test_what_only_stands_around_is_not_listed_as_something_found():
    around = open_finding(kind="context", title="What stands around the first findings", rank=2)
    shown = markup_texts(triage_blocks(stories.triage(of=stories.report(findings=[stories.finding(), around]))))
    assert not any("What stands around" in text or "What else stands out" in text for text in shown)


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["a.log"], "12,044 lines of `a.log`"),
        (["a.log", "b.log"], "12,044 lines of `a.log`, `b.log`"),
        ([f"{n}.log" for n in range(50)], "12,044 lines of `0.log`, `1.log`, `2.log` and 47 more files"),
    ],
)
def test_of_a_healthy_log_is_said_what_was_looked_at(names, said):
    of = stories.report(findings=[], onset=None, files=[stories.file(name=name) for name in names])
    texts_shown = markup_texts(triage_blocks(stories.triage(of=of)))
    assert f":large_green_circle: *Nothing abnormal found* in {said}." in texts_shown


def test_a_step_that_two_findings_share_is_named_once():
    blocks = triage_blocks(stories.triage(of=stories.report(findings=[stories.finding(), stories.finding(rank=2)])))
    steps = next(text for text in markup_texts(blocks) if text.startswith("*What to check next*"))
    assert steps.count("Count the open connections") == 1


@pytest.mark.parametrize(
    ("facts", "shown"),
    [
        ({"state": RunState.QUEUED}, "Waiting to read `checkout.log` …"),
        ({"state": RunState.RUNNING}, "Reading `checkout.log` …"),
        (
            {"state": RunState.RUNNING, "progress_bytes": 62, "progress_total_bytes": 100, "progress_lines": 3_100_000},
            "Reading `checkout.log`\n" + "█" * 12 + "░" * 8 + " 62% – 62 B – 3.1 M lines",
        ),
        (
            {"state": RunState.RUNNING, "progress_bytes": 9, "progress_total_bytes": 3, "progress_lines": 1},
            "Reading `checkout.log`\n" + "█" * 20 + " 100% – 9 B – 1 line",
        ),
    ],
)
def test_progress(facts, shown):
    assert markup_texts(triage_blocks(stories.triage(**facts)))[1] == f":hourglass_flowing_sand: {shown}"


@pytest.mark.parametrize(
    ("count", "shown"),
    [(999, "999 B"), (1_500, "1 kB"), (412_000_000, "412 MB"), (1_500_000_000, "1.5 GB"), (5 * 10**12, "5000.0 GB")],
)
def test_sizes_are_said_for_people(count, shown):
    stats = replace(stories.report().stats, bytes=count)
    status = markup_texts(triage_blocks(stories.triage(of=stories.report(stats=stats))))[1]
    assert re.split(" – ", status)[2] == shown
