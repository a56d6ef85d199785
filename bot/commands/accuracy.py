"""`triage accuracy`: how often people called the findings right."""

import asyncio
import json
from collections.abc import Iterator

import click

from bot.app import open_database, require_newest_schema
from bot.settings import SettingsError, load_settings
from services.triage.accuracy import Accuracy, Precision, measure_accuracy

_ALL_VERSIONS = "all"


@click.command()
@click.option("--format", "output", type=click.Choice(["text", "json"]), default="text", show_default=True)
def accuracy(output: str) -> None:
    """Print how often each kind of finding was right, by the Right and Wrong buttons in Slack."""
    try:
        measured = asyncio.run(_measure(load_settings().database_url))
    except SettingsError as error:
        raise click.ClickException(str(error)) from None
    click.echo(json.dumps(_as_json(measured), indent=2) if output == "json" else "\n".join(_lines(measured)))


async def _measure(database_url: str) -> Accuracy:
    database = open_database(database_url)
    try:
        await require_newest_schema(database)
        async with database.read() as session:
            return await measure_accuracy(session)
    finally:
        await database.close()


def _lines(measured: Accuracy) -> Iterator[str]:
    if not measured.kinds:
        yield f"Nobody has judged a finding yet: {_findings(measured.shown)} had Right and Wrong buttons in Slack."
        return
    judged = measured.overall.decided + measured.overall.disputed
    yield f"{judged:,} of {_findings(measured.shown)} judged. range: where the true share lies, with 95 % confidence."
    yield ""
    yield _row("kind", "engine", "precision", "range", "right", "wrong", "split")
    for kind in measured.kinds:
        yield _precision_row(kind.kind, _ALL_VERSIONS, kind.overall)
        yield from (_precision_row("", version, each) for version, each in kind.by_version.items())
    yield _precision_row("all kinds", _ALL_VERSIONS, measured.overall)


def _findings(count: int) -> str:
    return f"{count:,} finding{'' if count == 1 else 's'}"


def _precision_row(kind: str, version: str, precision: Precision) -> str:
    share = "-" if precision.share is None else f"{precision.share:.0%}"
    bounds = "-" if precision.bounds is None else "{:.0%} to {:.0%}".format(*precision.bounds)
    return _row(
        kind, version, share, bounds, *(f"{n:,}" for n in (precision.right, precision.wrong, precision.disputed))
    )


def _row(*cells: str) -> str:
    return "{:<20} {:<10} {:>9}  {:>13} {:>7} {:>7} {:>7}".format(*cells)


def _as_json(measured: Accuracy) -> dict[str, object]:
    return {
        "shown": measured.shown,
        "overall": _precision_json(measured.overall),
        "kinds": [
            {
                "kind": kind.kind,
                **_precision_json(kind.overall),
                "engine_versions": [
                    {"engine_version": version, **_precision_json(each)} for version, each in kind.by_version.items()
                ],
            }
            for kind in measured.kinds
        ],
    }


def _precision_json(precision: Precision) -> dict[str, object]:
    return {
        "precision": precision.share,
        "bounds_95_percent": precision.bounds,
        "right": precision.right,
        "wrong": precision.wrong,
        "disputed": precision.disputed,
    }
