"""`triage doctor`: look at everything the bot needs, and print the fix for what is wrong."""

import asyncio
import json
import sys
from collections.abc import Callable
from dataclasses import asdict

import click

from bot.doctor.examination import examine
from bot.doctor.verdict import State, Verdict
from bot.settings import Settings, SettingsError, load_settings

_COLOURS = {State.OK: "green", State.WRONG: "red", State.SKIPPED: "bright_black"}


@click.command()
@click.option(
    "--channel",
    default="",
    metavar="ID",
    help="A channel where a message and a file may be posted; both are deleted again at once.",
)
@click.option("--json", "as_json", is_flag=True, help="Write one JSON object.")
def doctor(*, channel: str, as_json: bool) -> None:
    """Check tokens, scopes, events, database, storage and analysis, and print the fix for what is wrong.

    Exit status 1 where something is wrong. Without tokens, what needs Slack is skipped.
    """
    verdicts: list[Verdict] = []

    def take(verdict: Verdict) -> None:
        verdicts.append(verdict)
        if not as_json:
            _print(verdict)

    try:
        settings = load_settings()
    except SettingsError as error:
        for line in str(error).splitlines():
            take(Verdict("settings", State.WRONG, *line.split(": ", 1)))
    else:
        take(Verdict("settings", State.OK, "every one that is set can be used"))
        asyncio.run(_examine(settings, channel, take))
    wrong = sum(verdict.state is State.WRONG for verdict in verdicts)
    _conclude(verdicts, wrong, as_json=as_json)
    sys.exit(1 if wrong else 0)


async def _examine(settings: Settings, channel: str, take: Callable[[Verdict], None]) -> None:
    async for verdict in examine(settings, channel=channel):
        take(verdict)


def _print(verdict: Verdict) -> None:
    state = click.style(f"{verdict.state:7}", fg=_COLOURS[verdict.state])
    click.echo(f"{state}  {verdict.check:16}  {verdict.found}")
    if verdict.fix:
        click.echo(f"{'':27}Fix: {verdict.fix}.")


def _conclude(verdicts: list[Verdict], wrong: int, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"ok": not wrong, "checks": [asdict(verdict) for verdict in verdicts]}, indent=2))
    elif wrong:
        click.echo(f"\n{wrong} of {len(verdicts)} checks found something wrong.")
    else:
        click.echo("\nNothing is wrong.")
