"""`triage analyze`: what broke, from the terminal."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import click

from bot.terminal.input_files import input_files
from models.schemas.report import Report
from services.problems.catalogue import cached_catalogue
from services.triage.report import Analysis, NamedFile, OnProgress, Progress
from services.triage.report import analyze as analyze_logs

BAD_INPUT_STATUS = 2
_PICTURE_SUFFIXES = (".png", ".svg")


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
@click.option("--picture", metavar="FILE", help="Draw the rates over time into FILE too: .png or .svg.")
@click.option(
    "--rules",
    metavar="DIR",
    type=Path,
    envvar="TRIAGE_PROBLEMS_DIR",
    help="A folder with rules of your own for known problems; else that of TRIAGE_PROBLEMS_DIR.",
)
def analyze(
    files: tuple[str, ...], output: str, baseline: str | None, picture: str | None, rules: Path | None, *, each: bool
) -> None:
    """Read logs and say what broke, with the lines that show it.

    FILE is a log, plain or packed (.gz .zst .bz2 .xz .zip .tar.gz), or - for standard input.
    """
    with input_files(files) as named, input_files([baseline] if baseline else []) as compared:
        good = compared[0] if compared else None
        if good and not good.path.is_file():
            _refuse(f"{good.name}: does not exist or is no file; --baseline takes the log of a good run")
        if picture:
            _refuse_picture(Path(picture), each=each)
        folder = rules or _folder_of_settings()
        _name_refused(folder)
        groups = [[file] for file in named] if each else [named]
        for group in groups:
            analysis = _analysis(group, good, folder)
            if not each:
                _refuse_unreadable(analysis.report)
            _show(analysis.report, output)
            if picture:
                _draw(analysis, Path(picture))


def _folder_of_settings() -> Path | None:
    """That of the file `.env`; the settings are loaded only where there is one: that takes as long as a short log."""
    if not Path(".env").is_file():
        return None
    from bot.settings import SettingsError, load_settings  # noqa: PLC0415 - see above

    try:
        return load_settings().problems_dir
    except SettingsError as error:
        _refuse(str(error))


def _name_refused(folder: Path | None) -> None:
    """A rule that is left out is said before what was found without it."""
    for refused in cached_catalogue(folder).refused if folder else ():
        click.echo(f"triage: left out: {refused}", err=True)


def _analysis(files: Sequence[NamedFile], baseline: NamedFile | None, rules: Path | None) -> Analysis:
    with _progress_bar(sum(_size(file) for file in files)) as on_progress:
        return analyze_logs(files, baseline=baseline, problems_dir=rules, on_progress=on_progress)


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
        click.echo(report.to_json(indent=2 if output == "json" else None))


def _refuse_picture(path: Path, *, each: bool) -> None:
    """What would only fail after the reading is said before it."""
    if each:
        _refuse("--picture draws one picture over all files; leave out --each")
    if path.suffix.lower() not in _PICTURE_SUFFIXES:
        _refuse(f"{path}: --picture writes .png or .svg")
    if not path.parent.is_dir():
        _refuse(f"{path}: the folder {path.parent} does not exist")


def _draw(analysis: Analysis, path: Path) -> None:
    from services.pictures.picture import draw_picture  # noqa: PLC0415 - the library behind it is not always needed

    drawn = draw_picture(analysis.scans, analysis.diagnosis)
    if drawn is None:
        click.echo(f"triage: {path}: not drawn, for nothing was found or the lines bear no times", err=True)
        return
    try:
        path.write_bytes(drawn.png if path.suffix.lower() == ".png" else drawn.svg.encode())
    except OSError as error:
        _refuse(f"{path}: {error.strerror}")


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
