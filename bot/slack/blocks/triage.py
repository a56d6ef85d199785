"""The living triage message: progress while it reads, then what broke, since when, and the lines that show it."""

from typing import Any

from bot.slack.blocks.mrkdwn import button, code, code_block, context, cut, quoted, section
from models.schemas.report import Report, ReportEvidence, ReportFinding, ReportNextStep
from models.triage import RunState, TriageRun
from services.triage.triage_service import TriageView, rejected

# The text of all blocks of a message may hold about 12,000 characters (undocumented; one report failed at 11,341).
TEXT_BUDGET_CHARS = 9_500
EVIDENCE_SHOWN = 5
EVIDENCE_CHARS = 600
LISTED = 3  # also considered, missing, next steps: what people read at night fits on a phone
BAR_CELLS = 20

VERDICT = {
    "confirmed": ":red_circle: *Confirmed*",
    "likely": ":large_orange_circle: *Likely*",
    "inconclusive": ":white_circle: *Inconclusive*",
}


def triage_text(view: TriageView) -> str:
    """The message in one line, for notifications and screen readers."""
    ref = view.incident.ref
    if view.report is None or not view.report.findings:
        return f"Triage of {ref}: {_state_words(view)}"
    first = view.report.findings[0]
    return f"Triage of {ref}: {first.verdict}: {quoted(first.title, 300)}"


def triage_blocks(view: TriageView) -> list[dict[str, Any]]:
    blocks = [section(f"*Triage of {view.incident.ref}*")]
    if view.is_reading:
        blocks.append(section(_progress(view)))
    if view.report is not None:
        blocks += _report(view.report, stale=view.is_reading)
    elif not view.is_reading:
        blocks.append(section(f":warning: {_state_words(view)}"))
    blocks += _not_read(view)
    if not view.is_reading:
        blocks.append({"type": "actions", "block_id": "triage_actions", "elements": _buttons(view)})
    return within_budget(blocks)


def within_budget(blocks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Drop what comes last but the buttons until the message fits; the report file holds the rest."""
    kept, tail = list(blocks), []
    if kept and kept[-1]["type"] == "actions":
        tail = [kept.pop()]
    cut_off = False
    while len(kept) > 1 and (len(kept) + len(tail) >= 50 or sum(map(_text_chars, kept)) > TEXT_BUDGET_CHARS):
        kept.pop()
        cut_off = True
    if cut_off:
        kept.append(context("More is in the report file."))
    return kept + tail


def _text_chars(block: dict[str, Any]) -> int:
    if block["type"] == "section":
        return len(block["text"]["text"])
    return sum(len(element["text"]) for element in block.get("elements", []) if isinstance(element["text"], str))


def _progress(view: TriageView) -> str:
    run = view.run
    names = ", ".join(code(artifact.name, 60) for artifact in view.artifacts[-3:])
    if not run.progress_total_bytes:
        word = "Waiting to read" if run.state == RunState.QUEUED else "Reading"
        return f":hourglass_flowing_sand: {word} {names} …"
    share = min(run.progress_bytes / run.progress_total_bytes, 1.0)
    filled = round(share * BAR_CELLS)
    bar = "█" * filled + "░" * (BAR_CELLS - filled)
    return (
        f":hourglass_flowing_sand: Reading {names}\n{bar} {share:.0%} – {size(run.progress_bytes)} – "
        f"{run.progress_lines / 1e6:.1f} M lines"
    )


def _report(report: Report, *, stale: bool) -> list[dict[str, Any]]:
    blocks = [context(_status_line(report) + (" – being read again with the new files" if stale else ""))]
    if not report.findings:
        blocks.append(section(":large_green_circle: *Nothing abnormal found* in what was read."))
    for finding in report.findings[:1]:
        blocks += _finding(finding)
    if report.onset is not None:
        at = f"Began {report.onset.at:%Y-%m-%d %H:%M:%S} UTC" if report.onset.at else "Began"
        place = f" at {code(f'{report.onset.file}:{report.onset.line}')}" if report.onset.file else ""
        blocks.append(section(f":stopwatch: *{at}*{place}: {quoted(report.onset.why, 300)}"))
    others = [f"• {_verdict(f)} {code(f.title, 160)}{_first_place(f)}" for f in report.findings[1 : 1 + LISTED]]
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


def _finding(finding: ReportFinding) -> list[dict[str, Any]]:
    component = f" in {code(finding.component)}" if finding.component else ""
    marks = " ".join(f"[{e.id}]" for e in finding.evidence[:EVIDENCE_SHOWN])
    summary = f"\n{quoted(finding.summary, 700)}" if finding.summary else ""
    head = section(
        f"{_verdict(finding)} ({finding.confidence:.0%}){component}: {code(finding.title, 300)} {marks}{summary}"
    )
    return [head, *(_evidence(evidence) for evidence in finding.evidence[:EVIDENCE_SHOWN])]


def _evidence(evidence: ReportEvidence) -> dict[str, Any]:
    place = code(f"{evidence.file}:{evidence.line}", 150)
    return section(f"*{evidence.id}*  {place}\n{code_block(evidence.text, EVIDENCE_CHARS)}")


def _verdict(finding: ReportFinding) -> str:
    return VERDICT[finding.verdict]


def _first_place(finding: ReportFinding) -> str:
    return f" at {code(f'{finding.evidence[0].file}:{finding.evidence[0].line}')}" if finding.evidence else ""


def _next_steps(report: Report) -> list[ReportNextStep]:
    """The first findings' steps, each once."""
    steps = {step.text: step for finding in report.findings[:2] for step in finding.next_steps}
    return list(steps.values())[:LISTED]


def _status_line(report: Report) -> str:
    read = [file for file in report.files if not file.unread or file.lines]
    stats = report.stats
    parts = (counted(len(read), "file"), counted(stats.lines, "line"), size(stats.bytes), f"{stats.seconds:.1f} s")
    return " – ".join(parts)


def _not_read(view: TriageView) -> list[dict[str, Any]]:
    """Every file, or part of one, that the report does not speak of, each with its sentence."""
    sentences = [
        f":warning: {code(a.name)}: {quoted(a.reason or 'it could not be fetched', 400)}" for a in rejected(view)
    ]
    if view.report is not None:
        sentences += [
            f":warning: {code(file.name)}: {quoted(file.unread, 400)}" for file in view.report.files if file.unread
        ]
    shown = [context(sentence) for sentence in sentences[:LISTED]]
    if len(sentences) > LISTED:
        shown.append(context(f"… and {len(sentences) - LISTED} more files were not read whole; the report names them."))
    return shown


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
    if run.error:
        return cut(quoted(run.error, 600), 600)
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
