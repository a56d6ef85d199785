"""Known problems as people read them in a terminal, plain where the output goes elsewhere."""

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence

from rich.console import Console
from rich.text import Text

from services.logs.scan import FileScan
from services.problems.matching import MatchedLine, ProblemMatch
from services.problems.problem import Problem, Severity

_SEVERITY_STYLES = {
    Severity.CRITICAL: "bold red",
    Severity.HIGH: "red",
    Severity.MEDIUM: "yellow",
    Severity.LOW: "cyan",
    Severity.INFO: "dim",
}
_SHOWN_LINES = 4
_PIPED_WIDTH = 100_000


def print_list(problems: Sequence[Problem]) -> None:
    """A line a problem, and how many there are."""
    id_width = max(len(problem.id) for problem in problems)
    area_width = max(len(problem.area) for problem in problems)
    rows = (
        Text.assemble(
            _severity(problem),
            (f"  {problem.id:<{id_width}}", "bold"),
            (f"  {problem.area:<{area_width}}", "dim"),
            f"  {problem.title}",
        )
        for problem in problems
    )
    _print([*rows, Text(f"{len(problems):,} known problems", "dim")])


def print_problem(problem: Problem) -> None:
    """All that is known of one."""
    _print(_whole(problem))


def print_matches(
    matches: Sequence[ProblemMatch], scans: Sequence[FileScan], quotes: Mapping[MatchedLine, str]
) -> None:
    """The problems found, each with its lines and what to check."""
    if matches:
        _print(line for match in matches for line in _match(match, scans, quotes))
    else:
        lines = sum(scan.line_count for scan in scans)
        _print([Text(f"No known problem in {lines:,} lines", "bold green")])


def _print(lines: Iterable[Text]) -> None:
    is_terminal = sys.stdout.isatty()
    width = None if is_terminal else _PIPED_WIDTH
    console = Console(highlight=False, soft_wrap=not is_terminal, width=width, markup=False, emoji=False)
    for line in lines:
        console.print(line)


def _severity(problem: Problem) -> tuple[str, str]:
    return f"{problem.severity.name.lower():<8}", _SEVERITY_STYLES[problem.severity]


def _whole(problem: Problem) -> Iterator[Text]:
    yield Text.assemble((problem.title, "bold"))
    yield Text.assemble(_severity(problem), f"  {problem.id}  {problem.area}", (f"  {problem.origin}", "dim"))
    yield from _told("What it means", [problem.meaning])
    yield from _told("Impact", [problem.impact])
    yield from _told("First checks", problem.checks)
    yield from _told("Fix", problem.fix)
    yield from _told("Looks like", problem.examples)


def _told(heading: str, texts: Sequence[str]) -> Iterator[Text]:
    if any(texts):
        yield Text()
        yield Text(heading, "bold")
        yield from (Text(f"   {line}") for text in texts for line in text.splitlines())


def _match(match: ProblemMatch, scans: Sequence[FileScan], quotes: Mapping[MatchedLine, str]) -> Iterator[Text]:
    problem = match.problem
    often = "once" if match.count == 1 else f"{match.count:,} times"
    yield Text.assemble(_severity(problem), (f"  {problem.title}", "bold"), (f"  [{problem.id}]  {often}", "dim"))
    for ref in match.refs[:_SHOWN_LINES]:
        yield Text.assemble((f"   {scans[ref.file].name}:{ref.line + 1}", "cyan"), f"  {quotes.get(ref, '').strip()}")
    for text in (
        problem.meaning,
        *(f"Check: {check}" for check in problem.checks),
        *(f"Fix: {fix}" for fix in problem.fix),
    ):
        yield Text(f"   {text}", "" if text == problem.meaning else "dim")
    yield Text()
