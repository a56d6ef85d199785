"""`triage outbox`: what Slack should show, what it refused, and sending that again; also while the bot runs."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Coroutine
from datetime import datetime
from functools import wraps
from typing import Any, TypeVar

import click
from sqlalchemy.ext.asyncio import AsyncSession

from bot.app import open_database, require_newest_schema
from bot.settings import SettingsError, load_settings
from models.base import utc_now
from models.messaging import OutboxMessage, OutboxState
from services.notifications import backlog

T = TypeVar("T")

KEY_CHARS = 40
ERROR_CHARS = 70
AGES = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


@click.group()
def outbox() -> None:
    """The messages that Slack should show: list them, look at one, send again what was given up.

    A message is pending, sending, delivered, or dead: refused for good, with Slack's reason and what to do about it.
    """


def _in_the_loop(command: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """A command that is a coroutine; what is wrong with the settings is its refusal."""

    @wraps(command)
    def run(*args: Any, **options: Any) -> None:
        try:
            asyncio.run(command(*args, **options))
        except SettingsError as error:
            raise click.ClickException(str(error)) from None

    return run


@outbox.command("list")
@click.option("--state", type=click.Choice([state.value for state in OutboxState]), help="Only messages in that state.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="At most so many.")
@_in_the_loop
async def list_(state: str | None, limit: int) -> None:
    """List messages, the newest first."""
    wanted = OutboxState(state) if state else None
    messages = await _with_session(lambda session: backlog.list_messages(session, state=wanted, limit=limit))
    if not messages:
        click.echo(f"No message is {state}." if state else "There is no message yet.")
        return
    click.echo(_row("id", "state", "age", "tries", "channel", "key", "why"))
    for message in messages:
        click.echo(_row(*_cells(message)))


@outbox.command()
@click.argument("name", metavar="ID|KEY")
@_in_the_loop
async def show(name: str) -> None:
    """Show everything that is known of a message."""
    message = await _with_session(lambda session: _get(session, name))
    for column in OutboxMessage.__table__.columns:
        value = getattr(message, column.key)
        text = json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value
        click.echo(f"{column.key:<20} {'-' if text is None else text}")


@outbox.command()
@click.argument("name", metavar="[ID|KEY]", required=False)
@click.option("--all-dead", is_flag=True, help="Everything that was given up.")
@_in_the_loop
async def resend(*, name: str | None, all_dead: bool) -> None:
    """Send a message again that was given up, or at once one that waits for its next try."""
    if all_dead == bool(name):
        raise click.UsageError("name one message by its ID or KEY, or say --all-dead")
    if name is None:
        count = await _with_session(backlog.resend_dead)
        click.echo(f"{_messages(count)} will be sent again." if count else "No message is dead; nothing changed.")
        return
    await _with_session(lambda session: _resend(session, name))
    click.echo(f"{name} will be sent again.")


async def _with_session(act: Callable[[AsyncSession], Awaitable[T]]) -> T:
    database = open_database(load_settings().database_url)
    try:
        await require_newest_schema(database)
        async with database.write() as session:
            result = await act(session)
            await session.commit()
            return result
    finally:
        await database.close()


async def _get(session: AsyncSession, name: str) -> OutboxMessage:
    message = await backlog.get_message(session, name)
    if message is None:
        raise click.ClickException(f"There is no message {name}: `triage outbox list` shows them.")
    return message


async def _resend(session: AsyncSession, name: str) -> None:
    message = await _get(session, name)
    if not await backlog.resend_message(session, message):
        raise click.ClickException(f"{name} is {message.state.value}; nothing changed.")


def _messages(count: int) -> str:
    return f"{count:,} message{'' if count == 1 else 's'}"


def _cells(message: OutboxMessage) -> tuple[str, ...]:
    return (
        str(message.id),
        message.state.value,
        _age(message.created_at),
        str(message.attempts),
        message.channel,
        _cut(message.key, KEY_CHARS),
        _cut(message.last_error or "", ERROR_CHARS),
    )


def _row(*cells: str) -> str:
    return f"{{:>7}} {{:<9}} {{:>7}} {{:>5}} {{:<12}} {{:<{KEY_CHARS}}} {{}}".format(*cells).rstrip()


def _age(moment: datetime) -> str:
    seconds = max(0, int((utc_now() - moment).total_seconds()))
    size, unit = next(((size, unit) for size, unit in AGES if seconds >= size), AGES[-1])
    return f"{seconds // size} {unit}"


def _cut(text: str, most: int) -> str:
    """On one line, whatever Slack put into its reason."""
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1]}…"
