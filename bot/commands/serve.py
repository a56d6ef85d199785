"""`triage serve`, `triage worker`, `triage migrate`."""

import asyncio

import click

from bot.app import migrate as migrate_database
from bot.app import open_database
from bot.commands import serving
from bot.observability.logs import configure_logging
from bot.preconditions import held_alone
from bot.settings import SettingsError, load_settings, require_slack


@click.command()
@click.option("--worker/--no-worker", default=True, help="Run jobs and deliver messages in this process too.")
def serve(*, worker: bool) -> None:
    """Serve Slack (HTTP or Socket Mode) and the REST API."""
    try:
        settings = load_settings()
        require_slack(settings)
        configure_logging(settings)
        serving.serve(settings, work=worker)
    except SettingsError as error:
        raise click.ClickException(str(error)) from None


@click.command()
@click.option(
    "--concurrency",
    type=click.IntRange(1, 100),
    help="Triages under way at once, in place of TRIAGE_CONCURRENT_TRIAGES. Of all workers the last to start decides.",
)
def worker(*, concurrency: int | None) -> None:
    """Run jobs and deliver messages, beside `triage serve --no-worker`. Needs Postgres."""
    try:
        settings = load_settings(**({} if concurrency is None else {"concurrent_triages": concurrency}))
        require_slack(settings)
        configure_logging(settings)
        serving.work(settings)
    except SettingsError as error:
        raise click.ClickException(str(error)) from None


@click.command()
def migrate() -> None:
    """Bring the database to the newest schema."""
    try:
        asyncio.run(_migrate(load_settings().database_url))
    except SettingsError as error:
        raise click.ClickException(str(error)) from None
    click.echo("The database is at the newest schema.")


async def _migrate(database_url: str) -> None:
    database = open_database(database_url)
    try:
        with held_alone(database):
            await migrate_database(database)
    finally:
        await database.close()
