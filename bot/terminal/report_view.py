"""The report as people read it in a terminal: the verdict first, then the lines, then what to do."""

import sys
from collections.abc import Iterator

from rich.console import Console
from rich.text import Text

from models.schemas.report import Report, ReportFinding

_SHOWN_FINDINGS = 5
_SHOWN_LINES = 4
_SHOWN_FILES = 20
_VERDICT_STYLES = {"confirmed": "bold red", "likely": "bold yellow", "inconclusive": "bold cyan"}
_PIPED_WIDTH = 100_000


def print_report(report: Report) -> None:
    """Write the report to standard output; without colour and wrapping where that is no terminal."""
    is_terminal = sys.stdout.isatty()
    console = Console(
        highlight=False,
        soft_wrap=not is_terminal,
        width=None if is_terminal else _PIPED_WIDTH,
        markup=False,
        emoji=False,
    )
    for line in report_lines(report):
        console.print(line)


def report_lines(report: Report) -> Iterator[Text]:
    """The lines of the view, top to bottom."""
    yield from _headline(report)
    for finding in report.findings[:_SHOWN_FINDINGS]:
        yield Text()
        yield from _finding(finding)
    if len(report.findings) > _SHOWN_FINDINGS:
        more = _counted(len(report.findings) - _SHOWN_FINDINGS, "more finding")
        yield Text(f"\n… and {more} (--format json has them all)", "dim")
    yield from _numbers(report)
    yield from _next_steps(report)
    yield from _missing(report)
    yield from _files(report)


def _headline(report: Report) -> Iterator[Text]:
    if not report.findings:
        yield Text("Nothing abnormal found", "bold green")
        return
    first = report.findings[0]
    style = _VERDICT_STYLES[first.verdict]
    lead = "the strongest lead: " if first.verdict == "inconclusive" else ""
    yield Text.assemble(
        (first.verdict.capitalize(), style), (f" ({first.confidence:.0%})  {lead}", "dim"), (first.title, "bold")
    )
    if lead and report.missing:
        yield Text(f"To decide it: {report.missing[0].what}")
    if report.onset:
        at = f"{report.onset.at:%Y-%m-%d %H:%M:%S} UTC, " if report.onset.at else ""
        yield Text(f"Began: {at}{report.onset.file}:{report.onset.line} ({report.onset.why})")


def _finding(finding: ReportFinding) -> Iterator[Text]:
    if finding.kind == "context":
        yield Text(f"   {finding.title}", "bold")
    else:
        yield Text.assemble((f"{finding.rank}. ", "bold"), (finding.title, "bold"), (f"  [{finding.kind}]", "dim"))
    yield Text(f"   {finding.summary}", "dim")
    for evidence in finding.evidence[:_SHOWN_LINES]:
        style = "" if evidence.role == "direct" else "dim"
        yield Text.assemble(
            (f"   [{evidence.id}] ", "cyan"),
            (f"{evidence.file}:{evidence.line}", "cyan"),
            "  ",
            (evidence.text.strip(), style),
        )


def _numbers(report: Report) -> Iterator[Text]:
    if report.series:
        yield Text("\nNumbers that moved", "bold")
    for series in report.series:
        at = f" at {series.change_at:%H:%M:%S} UTC" if series.change_at else ""
        yield Text(f"   {series.field}: {series.before:g} -> {series.after:g}{at}")


def _next_steps(report: Report) -> Iterator[Text]:
    steps = dict.fromkeys(step.text for finding in report.findings[:_SHOWN_FINDINGS] for step in finding.next_steps)
    if steps:
        yield Text("\nNext steps", "bold")
    for number, step in enumerate(list(steps)[:_SHOWN_FINDINGS], start=1):
        yield Text(f"   {number}. {step}")


def _missing(report: Report) -> Iterator[Text]:
    if report.missing:
        yield Text("\nWould help to decide", "bold")
    for item in report.missing:
        yield Text(f"   {item.what}: {item.why}")


def _files(report: Report) -> Iterator[Text]:
    """The first ones, and all that were not read whole."""
    stats, files = report.stats, report.files
    yield Text(f"\n{_counted(len(files), 'file')}, {_counted(stats.lines, 'line')}, {stats.seconds:.1f} s", "dim")
    shown = [file for place, file in enumerate(files) if place < _SHOWN_FILES or file.unread]
    for file in shown:
        unread = f" - not read: {file.unread}" if file.unread else ""
        lines = _counted(file.lines, "line")
        yield Text(f"   {file.name}: {lines}, {file.format or 'no log'}{unread}", "yellow" if unread else "dim")
    if len(files) > len(shown):
        yield Text(f"   … and {_counted(len(files) - len(shown), 'more file')}, read whole", "dim")


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
