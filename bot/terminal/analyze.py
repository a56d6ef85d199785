"""`triage analyze`: what broke, from the terminal."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NoReturn

import click

from bot.terminal.input_files import input_files
from models.schemas.report import Report
from services.triage.report import NamedFile, OnProgress, Progress, analyze_files

BAD_INPUT_STATUS = 2


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option(
    "--format",
    "output",
    type=click.Choice(["text", "json", "jsonl"]),
    default="text",
    show_default=True,
    help="text: for people; json: the report, indented; jsonl: a report a line.",
)
@click.option("--each", is_flag=True, help="One report a file, in order, instead of one over all.")
@click.option("--baseline", metavar="FILE", help="A log of a good run to compare with.")
def analyze(files: tuple[str, ...], output: str, baseline: str | None, *, each: bool) -> None:
    """Read logs and say what broke, with the lines that show it.

    FILE is a log, plain or packed (.gz .zst .bz2 .xz .zip .tar.gz), or - for standard input.
    """
    with input_files(files) as named, input_files([baseline] if baseline else []) as compared:
        good = compared[0] if compared else None
        if good and not good.path.is_file():
            _refuse(f"{good.name}: does not exist or is no file; --baseline takes the log of a good run")
        groups = [[file] for file in named] if each else [named]
        for group in groups:
            report = _report(group, good)
            if not each:
                _refuse_unreadable(report)
            _show(report, output)


def _report(files: Sequence[NamedFile], baseline: NamedFile | None) -> Report:
    with _progress_bar(sum(_size(file) for file in files)) as on_progress:
        return analyze_files(files, baseline=baseline, on_progress=on_progress)


def _size(file: NamedFile) -> int:
    return file.path.stat().st_size if file.path.exists() else 0


def _refuse_unreadable(report: Report) -> None:
    """Nothing to report on is bad input: one line that says what and why."""
    if any(file.lines for file in report.files):
        return
    refusals = "; ".join(f"{file.name}: {file.unread}" for file in report.files)
    _refuse(refusals)


def _refuse(sentence: str) -> NoReturn:
    click.echo(f"triage: {sentence}", err=True)
    sys.exit(BAD_INPUT_STATUS)


def _show(report: Report, output: str) -> None:
    if output == "text":
        from bot.terminal.report_view import print_report  # noqa: PLC0415 - rich is slow to import

        print_report(report)
    else:
        click.echo(report.model_dump_json(indent=2 if output == "json" else None))


# Below this the report is there before a bar could be read.
_BAR_FROM_BYTES = 20_000_000


@contextmanager
def _progress_bar(total_bytes: int) -> Iterator[OnProgress | None]:
    """A bar on standard error where somebody watches it, and only for long input."""
    if total_bytes < _BAR_FROM_BYTES or not sys.stderr.isatty():
        yield None
        return
    with click.progressbar(length=total_bytes, label="Reading", file=sys.stderr, show_pos=False) as bar:

        def advance(progress: Progress) -> None:
            bar.label = f"Reading {progress.bytes_read / 1e6:,.0f} MB, {progress.lines:,} lines"
            bar.update(progress.bytes_read - bar.pos)

        yield advance
