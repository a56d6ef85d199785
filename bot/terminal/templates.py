"""`triage templates`: the kinds of lines in a log."""

import sys
from collections.abc import Iterator
from itertools import islice

import click

from bot.terminal.input_files import input_files
from services.logs.quoting import displayable
from services.logs.reading import scan_upload
from services.logs.scan import FileScan

BAD_INPUT_STATUS = 2
_TEMPLATE_CHARS = 400
# A log of a gigabyte has ten million lines; their rows together would take more memory than reading it.
_ROWS_AT_ONCE = 10_000


@click.command()
@click.argument("file")
@click.option(
    "--format",
    "output",
    type=click.Choice(["text", "jsonl"]),
    default="text",
    show_default=True,
    help='text: a table; jsonl: {"line", "template_id"} for every line in order.',
)
def templates(file: str, output: str) -> None:
    """List the log templates of FILE (or of standard input: -), the commonest first."""
    with input_files([file]) as (named,):
        scans = scan_upload(named.path, named.name)
        if not any(scan.line_count for scan in scans):
            click.echo(f"triage: {named.name}: {'; '.join(note for scan in scans for note in scan.unread)}", err=True)
            sys.exit(BAD_INPUT_STATUS)
        rows = _line_rows(scans) if output == "jsonl" else _table_rows(scans)
        while some := "".join(islice(rows, _ROWS_AT_ONCE)):
            click.echo(some, nl=False)


def _line_rows(scans: list[FileScan]) -> Iterator[str]:
    """Lines and templates number on over the members of an archive."""
    line, first_id = 0, 0
    for scan in scans:
        for shape in scan.shape_of_line:
            line += 1
            yield f'{{"line": {line}, "template_id": {first_id + scan.template_of_shape[shape]}}}\n'
        first_id += len(scan.templates)


def _table_rows(scans: list[FileScan]) -> Iterator[str]:
    for scan in scans:
        yield f"{scan.name}: {scan.line_count:,} lines, {len(scan.templates):,} templates\n"
        for template in sorted(scan.templates, key=lambda template: (-template.count, template.first_line)):
            level = template.level.name.lower() if template.level else "-"
            yield f"{template.count:>10,}  {level:<7}  {displayable(template.text, _TEMPLATE_CHARS)}\n"
