"""A workspace of the sandbox with bots in it that are struck and started again; trials go through it one by one."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from models.database import Database
from sandbox.messages import Message
from sandbox.reply import Transport
from sandbox.server import Sandbox, SandboxConfig, running_sandbox
from tests.bot.commands.bot_process import free_port
from tests.faults.accounts import Accounts
from tests.faults.moments import Journal, Orders
from tests.faults.supervised import Nursery, SupervisedBot
from tests.faults.transports import SlackIsPatient
from tests.faults.wrapping import FOLDER
from tests.support.workplace import INCIDENTS, MANIFEST, Workplace

LOOK_SECONDS = 0.05
DEADLINE_SECONDS = 120.0  # longer than any lease or heartbeat: what has not come by then is lost
ENOUGH = 50.0  # times Slack's allowance: what 429 does is another check's matter

ALONE = (("serve",),)
CREW = (("serve", "--no-worker"), ("worker",), ("worker",))


@dataclass
class Lane:
    """`bot` is the one that Slack talks to; `workers` are the others."""

    sandbox: Sandbox
    place: Workplace
    database: Database
    folder: Path
    bots: list[SupervisedBot]
    all_is_well: asyncio.Event  # unset while a check takes something away that Slack's patience outlasts
    trusts_clocks: bool = True
    deadline_seconds: float = DEADLINE_SECONDS

    @property
    def bot(self) -> SupervisedBot:
        return self.bots[0]

    @property
    def workers(self) -> list[SupervisedBot]:
        return self.bots[1:]

    @property
    def orders(self) -> Orders:
        return Orders(self.folder)

    @property
    def journal(self) -> Journal:
        return Journal(self.folder)

    @property
    def accounts(self) -> Accounts:
        return Accounts(self.sandbox, self.database, self.journal, self.trusts_clocks)

    async def open_incident(self, title: str) -> Message:
        """Its card. The command itself may be answered by nobody, if that is when the bot dies."""
        await self.place.command(title)
        return await self.until(lambda: self.accounts.card(title))

    async def upload(self, card: Message, name: str, content: bytes) -> None:
        await self.place.upload((name, content), thread_ts=card.ts)

    async def settled(self, title: str, *, files: int) -> None:
        """Wait until nothing more can come for the incident."""

        async def is_settled() -> bool:
            everybody_is_up = all(bot.up.is_set() for bot in self.bots if bot.is_replaced)
            return everybody_is_up and not self.sandbox.deliveries.pending and await self.accounts.settled(title, files)

        await self.until(is_settled)

    async def until(self, check: Callable[[], Any]) -> Any:
        """The first true value of `check`, or of what it returns to be awaited. Raises TimeoutError at the deadline."""
        deadline = time.monotonic() + self.deadline_seconds
        while True:
            value = check()
            if asyncio.iscoroutine(value):
                value = await value
            if value:
                return value
            for bot in self.bots:
                bot.check()
            if time.monotonic() > deadline:
                raise TimeoutError
            await asyncio.sleep(LOOK_SECONDS)


@asynccontextmanager
async def lane(
    nursery: Nursery,
    folder: Path,
    database_url: str,
    *,
    crew: tuple[tuple[str, ...], ...] = ALONE,
    delivered: Callable[..., Transport] = SlackIsPatient,
    rate_scale: float = ENOUGH,
    **settings: str,
) -> AsyncIterator[Lane]:
    """Start a workspace and a crew of bots in it; `settings` are more of their environment."""
    port = free_port()
    config = SandboxConfig(app_url=f"http://127.0.0.1:{port}/slack/events", manifest=MANIFEST, rate_scale=rate_scale)
    async with running_sandbox(config) as sandbox, httpx.AsyncClient(base_url=sandbox.url, timeout=30) as http:
        environment = _environment(sandbox, folder, database_url, port) | settings
        bots = [_bot(nursery, folder / f"bot-{number}", environment, words) for number, words in enumerate(crew)]
        all_is_well = asyncio.Event()
        all_is_well.set()
        sandbox.deliveries.transport = delivered(sandbox.deliveries.transport, bots[0].up, all_is_well)
        database = Database(database_url, pool_size=2)
        try:
            await asyncio.gather(*(bot.start() for bot in bots))
            yield Lane(sandbox, Workplace(sandbox, None, http), database, folder, bots, all_is_well)
        finally:
            await asyncio.gather(*(bot.stop() for bot in bots))
            await database.close()


def _bot(nursery: Nursery, folder: Path, environment: dict[str, str], words: tuple[str, ...]) -> SupervisedBot:
    folder.mkdir(parents=True)
    return SupervisedBot(nursery, folder, environment, words)


def _environment(sandbox: Sandbox, folder: Path, database_url: str, port: int) -> dict[str, str]:
    return {
        FOLDER: str(folder),
        "DATABASE_URL": database_url,
        "SLACK_BOT_TOKEN": sandbox.config.bot_token,
        "SLACK_SIGNING_SECRET": sandbox.config.signing_secret,
        "TRIAGE_SLACK_API_URL": sandbox.api_url,
        "TRIAGE_DATA_DIR": str(folder / "state"),
        "TRIAGE_INCIDENT_CHANNEL": INCIDENTS,
        "TRIAGE_PORT": str(port),
    }
