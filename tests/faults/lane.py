"""A workspace of the sandbox with one bot in it that is struck and started again; trials go through it one by one."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from models.database import Database
from sandbox.messages import Message
from sandbox.reply import Envelope, Reply, Transport
from sandbox.server import Sandbox, SandboxConfig, running_sandbox
from tests.bot.commands.bot_process import free_port
from tests.faults.accounts import Accounts
from tests.faults.moments import Journal, Orders
from tests.faults.supervised import Nursery, SupervisedBot
from tests.faults.wrapping import FOLDER
from tests.support.workplace import INCIDENTS, MANIFEST, Workplace

LOOK_SECONDS = 0.05
DEADLINE_SECONDS = 120.0  # longer than any lease or heartbeat: what has not come by then is lost
ENOUGH = 50.0  # times Slack's allowance: what 429 does is another trial's matter


class SlackIsPatient:
    """Slack's second retry comes a minute later, when a bot that was started again has long been ready."""

    def __init__(self, transport: Transport, bot_is_up: asyncio.Event) -> None:
        self._transport = transport
        self._bot_is_up = bot_is_up

    @property
    def connected(self) -> bool:
        return self._transport.connected

    async def send(self, envelope: Envelope, *, retry: int, reason: str | None) -> Reply:
        if retry > 1:
            await self._bot_is_up.wait()
        return await self._transport.send(envelope, retry=retry, reason=reason)


@dataclass
class Lane:
    sandbox: Sandbox
    place: Workplace
    bot: SupervisedBot
    database: Database
    folder: Path

    @property
    def orders(self) -> Orders:
        return Orders(self.folder)

    @property
    def accounts(self) -> Accounts:
        return Accounts(self.sandbox, self.database, Journal(self.folder))

    async def open_incident(self, title: str) -> Message:
        """Its card. The command itself may be answered by nobody, if that is when the bot dies."""
        await self.place.command(title)
        return await self.until(lambda: self.accounts.card(title))

    async def settled(self, title: str, *, files: int) -> None:
        """Wait until nothing more can come for the incident."""
        await self.until(lambda: self._is_settled(title, files))

    async def _is_settled(self, title: str, files: int) -> bool:
        return (
            self.bot.up.is_set() and self.sandbox.deliveries.pending == 0 and await self.accounts.settled(title, files)
        )

    async def until(self, check: Any) -> Any:
        deadline = time.monotonic() + DEADLINE_SECONDS
        while not (value := await check()):
            if time.monotonic() > deadline:
                raise TimeoutError
            await asyncio.sleep(LOOK_SECONDS)
        return value


@asynccontextmanager
async def lane(bots: Nursery, folder: Path, database_url: str, **settings: str) -> AsyncIterator[Lane]:
    """Start a workspace and a bot in it; `settings` are more of its environment."""
    port = free_port()
    config = SandboxConfig(app_url=f"http://127.0.0.1:{port}/slack/events", manifest=MANIFEST, rate_scale=ENOUGH)
    folder.mkdir(parents=True, exist_ok=True)  # noqa: ASYNC240 - once, before anything runs
    async with running_sandbox(config) as sandbox, httpx.AsyncClient(base_url=sandbox.url, timeout=30) as http:
        bot = SupervisedBot(bots, folder, environment_of(config, sandbox, folder, database_url, port) | settings)
        sandbox.deliveries.transport = SlackIsPatient(sandbox.deliveries.transport, bot.up)
        database = Database(database_url, pool_size=2)
        try:
            await bot.start()
            yield Lane(sandbox, Workplace(sandbox, None, http), bot, database, folder)
        finally:
            await bot.stop()
            await database.close()


def environment_of(
    config: SandboxConfig, sandbox: Sandbox, folder: Path, database_url: str, port: int
) -> dict[str, str]:
    return {
        FOLDER: str(folder),
        "DATABASE_URL": database_url,
        "SLACK_BOT_TOKEN": config.bot_token,
        "SLACK_SIGNING_SECRET": config.signing_secret,
        "TRIAGE_SLACK_API_URL": sandbox.api_url,
        "TRIAGE_DATA_DIR": str(folder / "state"),
        "TRIAGE_INCIDENT_CHANNEL": INCIDENTS,
        "TRIAGE_PORT": str(port),
    }
