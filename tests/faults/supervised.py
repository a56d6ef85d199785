"""Bots in processes of their own: started, watched, started again when they die, as a platform's supervisor does."""

import asyncio
import contextlib
import json
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests.bot.commands.bot_process import ROOT, environment
from tests.faults.moments import KILL

START_SECONDS = 60.0  # on a machine that is busy with other trials
LOOK_SECONDS = 0.03
WORKING = "working"  # what a worker, which answers nobody, says in its log


class Nursery:
    """The process that forks the bots (`tests.faults.bot`); it and they end with the context."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._ends: dict[int, asyncio.Future[int]] = {}
        self._born: asyncio.Queue[int] = asyncio.Queue()
        self._one_at_a_time = asyncio.Lock()

    async def start(
        self, words: tuple[str, ...], settings: dict[str, str], folder: Path
    ) -> tuple[int, "asyncio.Future[int]"]:
        """The process id, and what will be its exit status."""
        async with self._one_at_a_time:
            self._order(words=words, environment=environment(**settings), folder=str(folder))
            pid = await self._born.get()
        return pid, self._end_of(pid)

    def signal(self, pid: int, number: int) -> None:
        """To the bot and its readers."""
        self._order(pid=pid, signal=number)

    def _order(self, **order: object) -> None:
        self._process.stdin.write(json.dumps(order).encode() + b"\n")

    def _end_of(self, pid: int) -> "asyncio.Future[int]":
        return self._ends.setdefault(pid, asyncio.get_running_loop().create_future())

    async def listen(self) -> None:
        async for line in self._process.stdout:
            said = json.loads(line)
            if "status" in said:
                self._end_of(said["pid"]).set_result(said["status"])
            else:
                self._born.put_nowait(said["pid"])


@asynccontextmanager
async def nursery() -> AsyncIterator[Nursery]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.faults.bot", cwd=ROOT, env=environment(),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    bots = Nursery(process)
    listening = asyncio.create_task(bots.listen())
    try:
        yield bots
    finally:
        process.stdin.close()
        await process.wait()
        await listening


@dataclass
class SupervisedBot:
    """`triage serve` or `worker`, started again each time it dies until `stop`."""

    nursery: Nursery
    folder: Path
    settings: dict[str, str]
    words: tuple[str, ...] = ("serve",)
    pid: int = 0
    died_at: float = 0.0
    ready_at: float = 0.0
    deaths: int = 0
    is_replaced: bool = True  # whether another takes its place when it dies
    up: asyncio.Event = field(default_factory=asyncio.Event)
    _watching: asyncio.Task[None] | None = None
    _starts: int = 0

    async def start(self) -> None:
        self._watching = asyncio.create_task(self._watch())
        up = asyncio.create_task(self.up.wait())
        await asyncio.wait({up, self._watching}, return_when=asyncio.FIRST_COMPLETED)
        up.cancel()
        self.check()

    def check(self) -> None:
        """Raise what kept it from starting, if anything did."""
        if self._watching is not None and self._watching.done():
            self._watching.result()

    async def _watch(self) -> None:
        while True:
            self._starts = self.log.count(WORKING)
            self.pid, ended = await self.nursery.start(self.words, self.settings, self.folder)
            await self._until_ready(ended)
            if not ended.done():
                self.ready_at = time.time()
                self.up.set()
                await asyncio.wait({ended})
            self.up.clear()
            self.died_at, self.deaths = time.time(), self.deaths + 1
            if not self.is_replaced:
                return

    async def _until_ready(self, ended: "asyncio.Future[int]") -> None:
        """Or killed: that is no reason not to try again."""
        async with asyncio.timeout(START_SECONDS), httpx.AsyncClient() as client:
            while not ended.done() and not await self._answers(client):  # noqa: ASYNC110 - over HTTP
                await asyncio.sleep(LOOK_SECONDS)
        if ended.done() and ended.result() != -KILL:
            raise RuntimeError(f"the bot ended with {ended.result()} when it started:\n{self.log[-3000:]}")

    async def _answers(self, client: httpx.AsyncClient) -> bool:
        if "serve" not in self.words:
            return self.log.count(WORKING) > self._starts
        with contextlib.suppress(httpx.TransportError):
            return (await client.get(f"{self.url}/healthz")).status_code == 200
        return False

    def kill(self) -> None:
        self.nursery.signal(self.pid, KILL)

    async def stop(self) -> None:
        """For good."""
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)
        self.kill()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.settings['TRIAGE_PORT']}"

    @property
    def log(self) -> str:
        path = self.folder / "bot.log"
        return path.read_text(errors="replace") if path.exists() else ""
