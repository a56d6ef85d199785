"""Each message and view as it was last looked at and found good, and all of it Block Kit that Slack takes."""

from datetime import timedelta

import pytest

from bot.slack.blocks import answers, modals
from bot.slack.blocks.card import card_blocks, card_text
from bot.slack.blocks.triage import triage_blocks, triage_text
from models.incident import IncidentStatus, Severity
from models.triage import RunState
from sandbox.block_kit import message_problems, view_problems
from services.incidents.incident_service import IncidentPage
from tests.bot.slack.blocks import stories
from tests.bot.slack.blocks.conftest import KEPT


def card(incident):
    return {"text": card_text(incident), "blocks": card_blocks(incident)}


def triage(view):
    return {"text": triage_text(view), "blocks": triage_blocks(view)}


def home(incidents):
    page = IncidentPage(items=incidents, total=len(incidents), page=1, per_page=20)
    return {"type": "home", "blocks": answers.home_blocks(page)}


READING = {"state": RunState.RUNNING, "progress_bytes": 412_000_000, "progress_total_bytes": 664_000_000}

PAYLOADS = {
    "card_triggered": lambda: card(stories.incident()),
    "card_acknowledged": lambda: card(stories.led()),
    "card_resolved": lambda: card(stories.resolved()),
    "card_canceled": lambda: card(stories.incident(status=IncidentStatus.CANCELED, severity=Severity.UNSET, roles=[])),
    "triage_queued": lambda: triage(stories.triage(state=RunState.QUEUED)),
    "triage_reading": lambda: triage(stories.triage(**READING, progress_lines=3_100_000)),
    "triage_reading_again": lambda: triage(stories.triage(of=stories.report(), **READING, progress_lines=900)),
    "triage_report": lambda: triage(stories.triage(of=stories.report())),
    "triage_inconclusive": lambda: triage(stories.triage(of=stories.undecided())),
    "triage_judged": lambda: triage(stories.triage(of=stories.report(), tally=stories.Tally(right=2, wrong=1))),
    "triage_picture": lambda: triage(stories.triage(of=stories.report(), picture=stories.picture())),
    "triage_nothing_abnormal": lambda: triage(stories.triage(of=stories.report(findings=[], onset=None))),
    "triage_partial": lambda: triage(
        stories.triage(
            of=stories.report(files=[stories.file(), stories.file(name="db.log.gz", unread="ends in the middle")]),
            artifacts=[stories.artifact(), *(stories.refused(f"photo-{n}.png") for n in range(1, 5))],
            state=RunState.PARTIAL,
        )
    ),
    "triage_failed": lambda: triage(
        stories.triage(artifacts=[stories.refused()], state=RunState.FAILED, error="photo.png: is a picture, not a log")
    ),
    "triage_waiting": lambda: triage(stories.triage(state=RunState.QUEUED, waiting_for="Slack: it answered 503")),
    "triage_stopped": lambda: triage(stories.triage(state=RunState.CANCELED, stopped_by="U0BOB")),
    "triage_failed_again": lambda: triage(
        stories.triage(of=stories.report(), state=RunState.FAILED, error="Reading took longer than 900 s")
    ),
    "home_quiet": lambda: home([]),
    "home_busy": lambda: home([stories.led(), stories.incident(number=43, title="a < b & `c`", channel=None)]),
    "modal_new_incident": lambda: modals.new_incident_modal(channel="C0INCIDENTS", title="Checkout fails"),
    "modal_new_incident_anywhere": lambda: modals.new_incident_modal(channel=""),
    "modal_escalate": lambda: modals.escalate_modal(stories.incident()),
    "modal_severity": lambda: modals.severity_modal(stories.incident()),
    "modal_templates": lambda: modals.templates_modal(stories.incident(), stories.report()),
    "modal_no_templates": lambda: modals.templates_modal(stories.incident(), stories.report(templates=[])),
}


@pytest.mark.parametrize("name", PAYLOADS)
def test_payload(name, same_as_kept):
    payload = PAYLOADS[name]()
    problems = view_problems(payload) if "type" in payload else message_problems(payload["blocks"])
    assert problems == []
    same_as_kept(name, payload)


def test_no_payload_is_kept_that_nothing_is_compared_with():
    assert {path.stem for path in KEPT.iterdir()} == set(PAYLOADS)


def test_a_run_that_reads_again_is_not_judged_nor_run_anew_but_can_be_stopped():
    blocks = triage(stories.triage(of=stories.report(), **READING))["blocks"]
    (actions,) = [block for block in blocks if block["type"] == "actions"]
    assert [each["action_id"] for each in actions["elements"]] == ["triage_stop"]


def test_buttons_speak_of_the_run_they_stand_under():
    buttons = triage(stories.triage(of=stories.report()))["blocks"][-1]["elements"]
    assert {each["value"] for each in buttons} == {stories.RUN_ID}


def test_an_old_escalation_leaves_the_card_when_there_are_newer_ones():
    def called_in(number):
        at = stories.NIGHT + timedelta(minutes=number)
        return stories.Escalation(level=1, target=f"U{number}", actor="U0BEN", note="", sent_at=at)

    story = card_blocks(stories.led(escalations=[called_in(n) for n in range(5)]))[-2]["elements"][0]["text"]
    assert "<@U1>" not in story
    assert all(f"called in <@U{n}>" in story for n in (2, 3, 4))
