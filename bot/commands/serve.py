"""`triage serve`, `triage worker`, `triage migrate`."""

import asyncio

import click
from sqlalchemy.exc import DBAPIError

from bot.app import migrate as migrate_database
from bot.commands import serving
from bot.settings import SettingsError, load_settings, require_slack
from models.database import Database


@click.command()
@click.option("--worker/--no-worker", default=True, help="Run jobs and deliver messages in this process too.")
def serve(*, worker: bool) -> None:
    """Serve Slack (HTTP or Socket Mode) and the REST API."""
    try:
        settings = load_settings()
        require_slack(settings)
        serving.configure_logging(settings.log_level)
        serving.serve(settings, work=worker)
    except SettingsError as error:
        raise click.ClickException(str(error)) from None


@click.command()
def worker() -> None:
    """Run jobs and deliver messages, beside `triage serve --no-worker`. Needs Postgres."""
    try:
        settings = load_settings()
        require_slack(settings)
        serving.configure_logging(settings.log_level)
        serving.work(settings)
    except SettingsError as error:
        raise click.ClickException(str(error)) from None


@click.command()
def migrate() -> None:
    """Bring the database to the newest schema."""
    try:
        settings = load_settings()
    except SettingsError as error:
        raise click.ClickException(str(error)) from None
    try:
        asyncio.run(_migrate(settings.database_url))
    except (OSError, DBAPIError) as error:
        reason = str(error).splitlines()[0]
        raise click.ClickException(f"The database of DATABASE_URL cannot be used: {reason}") from None
    click.echo("The database is at the newest schema.")


async def _migrate(database_url: str) -> None:
    database = Database(database_url)
    try:
        await migrate_database(database)
    finally:
        await database.close()
