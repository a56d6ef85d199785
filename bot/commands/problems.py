"""`triage problems`: the catalogue of known problems, and which of them a log shows."""

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

import click

from bot.settings import SettingsError, load_settings
from bot.terminal.input_files import input_files
from services.logs.quoting import quote_lines
from services.logs.reading import scan_upload
from services.logs.scan import FileScan
from services.problems.catalogue import Catalogue, load_catalogue
from services.problems.matching import MatchedLine, ProblemMatch, match_problems
from services.problems.problem import Problem

BAD_INPUT_STATUS = 2
Command = Callable[..., Any]


@click.group()
def problems() -> None:
    """Known problems: list them, show one, or see which of them a log shows.

    The catalogue is extended by the rules in a folder of your own (TRIAGE_PROBLEMS_DIR, or --rules).
    """


def _options(command: Command) -> Command:
    """What every subcommand takes."""
    as_json = click.option(
        "--format",
        "output",
        type=click.Choice(["text", "json"]),
        default="text",
        show_default=True,
        help="How it is written.",
    )
    rules = click.option(
        "--rules", metavar="DIR", type=Path, help="A folder with rules of your own (YAML; CRE rules too)."
    )
    return as_json(rules(command))


@problems.command("list")
@click.option("--area", help="Only what befalls this: linux, postgres, kubernetes, ...")
@_options
def list_(rules: Path | None, output: str, area: str | None) -> None:
    """List the known problems."""
    catalogue = _catalogue(rules)
    chosen = [problem for problem in catalogue.problems if area is None or problem.area == area.lower()]
    if not chosen:
        areas = ", ".join(sorted({problem.area for problem in catalogue.problems}))
        _refuse(f"no known problem is of the area {area!r}; there are {areas}")
    if output == "json":
        click.echo(json.dumps([_as_json(problem) for problem in chosen], indent=2))
        return
    from bot.terminal import problems_view  # noqa: PLC0415 - rich is slow to import

    problems_view.print_list(chosen)


@problems.command()
@click.argument("problem_id", metavar="ID")
@_options
def show(problem_id: str, rules: Path | None, output: str) -> None:
    """Show what a problem means, what to check and how to put it right."""
    problem = _catalogue(rules).get(problem_id)
    if problem is None:
        _refuse(f"there is no known problem {problem_id!r}: `triage problems list` shows them all")
    if output == "json":
        click.echo(json.dumps(_as_json(problem), indent=2))
        return
    from bot.terminal import problems_view  # noqa: PLC0415 - rich is slow to import

    problems_view.print_problem(problem)


@problems.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@_options
def test(files: tuple[str, ...], rules: Path | None, output: str) -> None:
    """Say which known problems logs show, with the lines that show them.

    FILE is a log, plain or packed, or - for standard input.
    """
    catalogue = _catalogue(rules)
    with input_files(files) as named:
        scans = [scan for file in named for scan in scan_upload(file.path, file.name)]
        if not any(scan.line_count for scan in scans):
            _refuse("; ".join(f"{scan.name}: {note}" for scan in scans for note in scan.unread))
        matches = match_problems(scans, catalogue)
        quotes = _quotes(scans, matches)
    if output == "json":
        click.echo(json.dumps([_match_as_json(match, scans, quotes) for match in matches], indent=2))
        return
    from bot.terminal import problems_view  # noqa: PLC0415 - rich is slow to import

    problems_view.print_matches(matches, scans, quotes)


def _catalogue(rules: Path | None) -> Catalogue:
    """The catalogue with the folder named, or that of the settings; what was refused goes to standard error."""
    try:
        folder = rules or load_settings().problems_dir
    except SettingsError as error:
        _refuse(str(error))
    catalogue = load_catalogue(*([folder] if folder else []))
    for refused in catalogue.refused:
        click.echo(f"triage: {refused}", err=True)
    return catalogue


def _quotes(scans: Sequence[FileScan], matches: Sequence[ProblemMatch]) -> dict[MatchedLine, str]:
    quotes: dict[MatchedLine, str] = {}
    for file, scan in enumerate(scans):
        lines = {ref.line for match in matches for ref in match.refs if ref.file == file}
        quotes.update((MatchedLine(file, line), text) for line, text in quote_lines(scan, lines).items())
    return quotes


def _as_json(problem: Problem) -> dict[str, object]:
    return {
        "id": problem.id,
        "title": problem.title,
        "area": problem.area,
        "severity": problem.severity.name.lower(),
        "meaning": problem.meaning,
        "impact": problem.impact,
        "checks": problem.checks,
        "fix": problem.fix,
        "examples": problem.examples,
        "defined_in": str(problem.origin),
    }


def _match_as_json(match: ProblemMatch, scans: Sequence[FileScan], quotes: dict[MatchedLine, str]) -> dict[str, object]:
    lines = [{"file": scans[ref.file].name, "line": ref.line + 1, "text": quotes.get(ref, "")} for ref in match.refs]
    return {"problem": _as_json(match.problem), "count": match.count, "lines": lines}


def _refuse(sentence: str) -> NoReturn:
    click.echo(f"triage: {sentence}", err=True)
    sys.exit(BAD_INPUT_STATUS)
