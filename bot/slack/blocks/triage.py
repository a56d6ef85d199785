"""The living triage message: progress while it reads, then what broke, since when, and the lines that show it."""

from collections.abc import Sequence
from typing import Any

from bot.slack.blocks.mrkdwn import button, code, code_block, context, cut, person, quoted, section
from models.schemas.report import Report, ReportEvidence, ReportFinding, ReportMissing, ReportNextStep, ReportOnset
from models.triage import PictureState, RunState, TriagePicture, TriageRun
from services.triage.feedback import Tally
from services.triage.triage_service import TriageView, rejected

# The text of all blocks of a message may hold about 12,000 characters (undocumented; one report failed at 11,341).
TEXT_BUDGET_CHARS = 9_500
EVIDENCE_SHOWN = 5
EVIDENCE_CHARS = 600
CONTEXT = "context"  # the kind of what claims nothing, but is read with the other findings
LISTED = 3  # also considered, missing, next steps: what people read at night fits on a phone
BAR_CELLS = 20
ALT_TEXT_CHARS = 2_000

VERDICT = {
    "confirmed": ":red_circle: *Confirmed*",
    "likely": ":large_orange_circle: *Likely*",
    "inconclusive": ":white_circle: *Inconclusive*",
}
STRONGEST_LEAD = "the strongest lead"


def triage_text(view: TriageView) -> str:
    """The message in one line, for notifications and screen readers."""
    ref = view.incident.ref
    if view.report is None or not view.report.findings:
        return f"Triage of {ref}: {_state_words(view)}"
    first = view.report.findings[0]
    lead = f", {STRONGEST_LEAD}" if first.verdict == "inconclusive" else ""
    return f"Triage of {ref}: {first.verdict}{lead}: {quoted(first.title, 300)}"


def triage_blocks(view: TriageView) -> list[dict[str, Any]]:
    blocks = [section(f"*Triage of {view.incident.ref}*")]
    if view.is_reading:
        blocks.append(section(_progress(view)))
    elif view.report is None or view.run.state in (RunState.FAILED, RunState.CANCELED):
        blocks.append(section(f":warning: {_state_words(view)}"))
    if view.report is not None:
        blocks += _report(view.report, view.picture, stale=view.is_reading)
    always = [*_not_read(view), *_opinions(view.tally)]
    if view.is_reading:
        stop = button("Stop", "triage_stop", view.run.id)
        always.append({"type": "actions", "block_id": "triage_reading", "elements": [stop]})
    else:
        always.append({"type": "actions", "block_id": "triage_actions", "elements": _buttons(view)})
    return within_budget(blocks, always)


def within_budget(blocks: list[dict[str, Any]], always: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The blocks and, after them, those that are always shown.

    Where that is too much text, the last of `blocks` are left out, the picture never: the report file holds them.
    """
    room = TEXT_BUDGET_CHARS - sum(map(_text_chars, always))
    kept = list(blocks)
    while len(kept) > 1 and sum(map(_text_chars, kept)) > room:
        kept.pop(-2 if kept[-1]["type"] == "image" else -1)
    more = [] if len(kept) == len(blocks) else [context("More is in the report file.")]
    return kept + more + always


def _text_chars(block: dict[str, Any]) -> int:
    if block["type"] == "section":
        return len(block["text"]["text"])
    if block["type"] == "image":
        return len(block["alt_text"])
    return sum(len(element["text"]) for element in block["elements"] if element["type"] == "mrkdwn")


def _progress(view: TriageView) -> str:
    run = view.run
    names = ", ".join(code(artifact.name, 60) for artifact in view.artifacts[-3:])
    if run.waiting_for:
        return (
            f":hourglass_flowing_sand: Waiting to read {names} … {quoted(run.waiting_for, 300)}. I try again by myself."
        )
    if not run.progress_total_bytes:
        word = "Waiting to read" if run.state == RunState.QUEUED else "Reading"
        return f":hourglass_flowing_sand: {word} {names} …"
    share = min(run.progress_bytes / run.progress_total_bytes, 1.0)
    filled = round(share * BAR_CELLS)
    bar = "█" * filled + "░" * (BAR_CELLS - filled)
    many = run.progress_lines >= 100_000
    lines = f"{run.progress_lines / 1e6:.1f} M lines" if many else counted(run.progress_lines, "line")
    return f":hourglass_flowing_sand: Reading {names}\n{bar} {share:.0%} – {size(run.progress_bytes)} – {lines}"


def _report(report: Report, picture: TriagePicture | None, *, stale: bool) -> list[dict[str, Any]]:
    blocks = [context(_status_line(report) + (" – being read again with the new files" if stale else ""))]
    if not report.findings:
        blocks.append(section(f":large_green_circle: *Nothing abnormal found* in {_what_was_read(report)}."))
    for finding in report.findings[:1]:
        blocks += _finding(finding, report.missing)
    if report.onset is not None:
        at = f"Began {report.onset.at:%Y-%m-%d %H:%M:%S} UTC" if report.onset.at else "Began"
        place = f" at {_place(report.onset)}" if report.onset.file else ""
        blocks.append(section(f":stopwatch: *{at}*{place}: {quoted(report.onset.why, 300)}"))
    blocks += _picture(picture)
    claims = [finding for finding in report.findings[1:] if finding.kind != CONTEXT]
    others = [f"{f.rank}. {_verdict(f)} {code(f.title, 160)}{_first_place(f)}" for f in claims[:LISTED]]
    considered = [f"• {code(c.title, 160)}: {quoted(c.why_not, 200)}" for c in report.also_considered[:LISTED]]
    missing = [f"• {quoted(m.what, 200)} – {quoted(m.why, 200)}" for m in report.missing[:LISTED]]
    steps = [f"{n}. {quoted(s.text, 300)}" for n, s in enumerate(_next_steps(report), start=1)]
    for heading, rows in (
        ("What to check next", steps),
        ("What else stands out", others),
        ("Also considered", considered),
        ("What would decide it", missing),
    ):
        if rows:
            blocks.append(section(f"*{heading}*\n" + "\n".join(rows)))
    return blocks


def _picture(picture: TriagePicture | None) -> list[dict[str, Any]]:
    if picture is None or picture.state != PictureState.READY:
        return []
    alt_text = cut(picture.alt_text, ALT_TEXT_CHARS)
    return [{"type": "image", "alt_text": alt_text, "slack_file": {"id": picture.slack_file_id}}]


def _finding(finding: ReportFinding, missing: Sequence[ReportMissing]) -> list[dict[str, Any]]:
    component = f" in {code(finding.component)}" if finding.component else ""
    marks = " ".join(f"[{e.id}]" for e in finding.evidence[:EVIDENCE_SHOWN])
    summary = f"\n{quoted(finding.summary, 700)}" if finding.summary else ""
    is_open = finding.verdict == "inconclusive"
    lead = f", {STRONGEST_LEAD}" if is_open else ""
    decides = f"\nTo decide it: {quoted(missing[0].what, 300)}." if is_open and missing else ""
    head = section(
        f"{_verdict(finding)}{lead} ({finding.confidence:.0%}){component}: {code(finding.title, 300)} {marks}"
        f"{summary}{decides}"
    )
    return [head, *(_evidence(evidence) for evidence in finding.evidence[:EVIDENCE_SHOWN])]


def _evidence(evidence: ReportEvidence) -> dict[str, Any]:
    return section(f"*{evidence.id}*  {_place(evidence)}\n{code_block(evidence.text, EVIDENCE_CHARS)}")


def _place(cited: ReportEvidence | ReportOnset) -> str:
    return code(cited.file, 150, ending=f":{cited.line}")


def _verdict(finding: ReportFinding) -> str:
    return VERDICT[finding.verdict]


def _first_place(finding: ReportFinding) -> str:
    return f" at {_place(finding.evidence[0])}" if finding.evidence else ""


def _next_steps(report: Report) -> list[ReportNextStep]:
    """The first findings' steps, each once."""
    steps = {step.text: step for finding in report.findings[:2] for step in finding.next_steps}
    return list(steps.values())[:LISTED]


def _what_was_read(report: Report) -> str:
    names = [file.name for file in report.files if file.lines]
    if not names:
        return "what was read"
    more = f" and {counted(len(names) - LISTED, 'more file')}" if len(names) > LISTED else ""
    return f"{counted(report.stats.lines, 'line')} of {', '.join(code(name, 60) for name in names[:LISTED])}{more}"


def _status_line(report: Report) -> str:
    read = [file for file in report.files if not file.unread or file.lines]
    stats = report.stats
    parts = (counted(len(read), "file"), counted(stats.lines, "line"), size(stats.bytes), f"{stats.seconds:.1f} s")
    return " – ".join(parts)


def _not_read(view: TriageView) -> list[dict[str, Any]]:
    """Every file, or part of one, that the report does not speak of; the first ones each with its sentence."""
    whys = [(artifact.name, artifact.reason or "it could not be fetched") for artifact in rejected(view)]
    if view.report is not None:
        whys += [(file.name, file.unread) for file in view.report.files if file.unread]
    shown = [context(f":warning: {code(name)}: {quoted(why, 400)}") for name, why in whys[:LISTED]]
    others = [name for name, _ in whys[LISTED:]]
    if others:
        shown.append(
            context(f":warning: {counted(len(others), 'more file')} not read whole: {code(', '.join(others), 400)}")
        )
    return shown


def _opinions(tally: Tally) -> list[dict[str, Any]]:
    """What people say of the first finding, as soon as somebody says anything."""
    said = [f"{_people_say(tally.right)} right"] if tally.right else []
    said += [f"{_people_say(tally.wrong)} wrong"] if tally.wrong else []
    return [context(f"{'; '.join(said)}.")] if said else []


def _people_say(count: int) -> str:
    return "1 person says this is" if count == 1 else f"{count:,} people say this is"


def _buttons(view: TriageView) -> list[dict[str, Any]]:
    """Each button's value is the run it speaks of, so a press on an old message judges what it showed."""
    buttons = []
    if view.report is not None and view.report_run is not None:
        if view.report.findings:
            buttons.append(button("Right", "triage_right", view.report_run.id))
            buttons.append(button("Wrong", "triage_wrong", view.report_run.id))
        buttons.append(button("Show all templates", "triage_templates", view.report_run.id))
    return [*buttons, button("Re-run", "triage_rerun", view.run.id)]


def _state_words(view: TriageView) -> str:
    run: TriageRun = view.run
    if run.state == RunState.CANCELED:
        return f"stopped by {person(run.stopped_by or 'somebody')}; Re-run reads everything"
    if run.error:
        return quoted(run.error, 600)
    if view.is_reading:
        return "reading"
    if view.report is not None:
        return "nothing abnormal found"
    return "no file could be read"


def counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def size(count: int) -> str:
    """Bytes for people: 412 MB."""
    for unit in ("B", "kB", "MB"):
        if count < 1_000:
            return f"{count:.0f} {unit}"
        count = count // 1_000 if unit != "MB" else count
    return f"{count / 1_000:.1f} GB"
