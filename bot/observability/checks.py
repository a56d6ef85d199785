"""What `/readyz` checks: the database, the workers, the messages and how late they are, and where files are kept."""

import asyncio
from functools import partial

from sqlalchemy import func, select

import migrations
from bot.observability.readiness import Check, NotReady, Readiness
from bot.slack.socket_mode import SocketModeConnections
from models.database import Database
from models.messaging import OutboxState, WorkerHeartbeat
from models.shared_clock import database_time
from services.artifacts.store import ArtifactStore
from services.notifications import backlog
from services.notifications.dispatcher import OutboxDispatcher

# Five beats of a worker's heart: what others take for dead, they have taken over by then.
LIVE_SECONDS = 10.0
# A first responder whose word comes five minutes late is none. Above what a burst of messages into one channel takes,
# which Slack lets have about one a second, and above the longest wait that it asks for.
MAX_LAG_SECONDS = 300.0
STORE_KEEP_SECONDS = 30.0  # probing writes, reads and deletes: not every time somebody asks


def add_checks_of_storage(readiness: Readiness, database: Database, store: ArtifactStore) -> None:
    """What every process stands on, and what all of them do together."""
    readiness.add("database", partial(database_at_schema, database))
    readiness.add("artifacts", partial(files_can_be_kept, store), keep_seconds=STORE_KEEP_SECONDS)
    readiness.add("outbox", partial(messages_are_not_late, database))
    if not database.is_sqlite:  # which belongs to the one process that is being asked
        readiness.add("worker", partial(a_worker_lives, database))


async def database_at_schema(database: Database) -> str:
    """It answers, and is at our schema; a newer one is fine, for during a deploy old processes still run."""
    if await migrations.is_behind(database):
        raise NotReady("The database is not at the newest schema: run `triage migrate`.")
    return "It answers and is at the newest schema."


async def a_worker_lives(database: Database) -> str:
    """On Postgres: somebody takes jobs from the queue."""
    async with database.glance() as session:
        live = WorkerHeartbeat.beaten_at > database_time(session, plus_seconds=-LIVE_SECONDS)
        count = await session.scalar(select(func.count()).select_from(WorkerHeartbeat).where(live)) or 0
    if not count:
        raise NotReady("No worker is alive, so uploads wait: start `triage worker`, or look why it ended.")
    return f"{count} worker{'s are' if count > 1 else ' is'} alive."


def messages_are_sent(dispatcher: OutboxDispatcher, running: asyncio.Task[None]) -> Check:
    """The loop that delivers runs, and nothing keeps all messages back."""

    async def check() -> str:
        if running.done():
            raise NotReady("The loop that delivers messages has ended: see the log, and restart this process.")
        if dispatcher.paused_reason:
            raise NotReady(f"No message is sent: {dispatcher.paused_reason}")
        return "Messages are sent."

    return check


def socket_is_open(connections: SocketModeConnections) -> Check:
    """Slack can deliver."""

    async def check() -> str:
        if connections.refused:
            raise NotReady(f"Slack lets no connection in ({connections.refused}): check SLACK_APP_TOKEN.")
        if not connections.connected:
            raise NotReady("No connection to Slack is open; another is being tried.")
        return f"{connections.connected} of {connections.wanted} connections are open."

    return check


async def messages_are_not_late(database: Database) -> str:
    """What Slack should show, it shows soon."""
    async with database.glance() as session:
        waiting = await backlog.measure(session)
    count = waiting.by_state[OutboxState.PENDING] + waiting.by_state[OutboxState.SENDING]
    if waiting.oldest_seconds > MAX_LAG_SECONDS:
        raise NotReady(
            f"{count} messages wait, the oldest for {waiting.oldest_seconds:.0f} s: `triage outbox list` says what for."
        )
    return f"{count} message{'s wait' if count != 1 else ' waits'}."


async def files_can_be_kept(store: ArtifactStore) -> str:
    """A few bytes can be written, read and deleted."""
    await store.probe()
    return "It takes, gives and deletes."
