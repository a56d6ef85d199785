"""The command `triage` as people start it: in a process of its own, which a test may ask to stop or kill."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from bot.commands.serving import bind
from sandbox.server import SandboxConfig, running_sandbox
from tests.support.running_bot import eventually
from tests.support.workplace import INCIDENTS, MANIFEST, Workplace

ROOT = Path(__file__).parents[3]
STOP_SECONDS = 20  # generous on a busy machine; nothing the bot waits for at its end takes longer than five
COMMAND = [sys.executable, "-m", "bot.cli"]


def free_port() -> int:
    with bind("127.0.0.1", 0) as bound:
        return bound.getsockname()[1]


def environment(**settings: str) -> dict[str, str]:
    """Only what a test sets: nothing of the developer's own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TRIAGE_", "SLACK_"))}
    return {**kept, "PYTHONPATH": str(ROOT), **settings}


def triage(*words, cwd, **settings) -> subprocess.CompletedProcess[str]:
    """Run the command to its end."""
    return subprocess.run(
        [*COMMAND, *words], check=False, cwd=cwd, env=environment(**settings), capture_output=True, text=True
    )


@dataclass
class BotProcess:
    """`triage serve` (or `worker`) in a process group of its own, as a service is; its log goes to a file."""

    folder: Path
    settings: dict[str, str]
    words: tuple[str, ...] = ("serve",)
    process: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        self._begin()
        await eventually(self._answers, within_seconds=60)

    def _begin(self) -> None:
        with (self.folder / "bot.log").open("ab") as log:
            self.process = subprocess.Popen(
                [*COMMAND, *self.words],
                cwd=self.folder,
                env=environment(**self.settings),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    async def _answers(self) -> bool:
        assert self.process.poll() is None, self.log
        if "serve" not in self.words:
            return "working" in self.log
        try:
            async with httpx.AsyncClient() as client:
                return (await client.get(f"{self.url}/readyz")).status_code == 200
        except httpx.TransportError:
            return False

    async def stop(self, number=signal.SIGTERM, *, group=False) -> int:
        """Send the signal and return the exit status."""
        (os.killpg if group else os.kill)(self.process.pid, number)
        return await asyncio.wait_for(asyncio.to_thread(self.process.wait), STOP_SECONDS)

    def kill(self) -> None:
        """Whatever is left of it, its readers included."""
        if self.process is not None:
            try:
                os.killpg(self.process.pid, signal.SIGKILL)
            except ProcessLookupError:
                return
            self.process.wait()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.settings['TRIAGE_PORT']}"

    @property
    def log(self) -> str:
        return (self.folder / "bot.log").read_text()

    async def get(self, path: str):
        async with httpx.AsyncClient(timeout=30) as client:
            return (await client.get(f"{self.url}{path}")).json()


@asynccontextmanager
async def workspace_with_bot(tmp_path, database_url, **settings) -> AsyncIterator[tuple[Workplace, BotProcess]]:
    """A sandbox workspace in this process, and the bot in one of its own."""
    port = free_port()
    config = SandboxConfig(app_url=f"http://127.0.0.1:{port}/slack/events", manifest=MANIFEST)
    async with running_sandbox(config) as sandbox, httpx.AsyncClient(base_url=sandbox.url, timeout=30) as http:
        bot = BotProcess(tmp_path, {
            "DATABASE_URL": database_url,
            "SLACK_BOT_TOKEN": config.bot_token,
            "SLACK_SIGNING_SECRET": config.signing_secret,
            "TRIAGE_SLACK_API_URL": sandbox.api_url,
            "TRIAGE_DATA_DIR": str(tmp_path / "state"),
            "TRIAGE_INCIDENT_CHANNEL": INCIDENTS,
            "TRIAGE_PORT": str(port),
            **settings,
        })  # fmt: skip
        try:
            await bot.start()
            yield Workplace(sandbox, None, http), bot
        finally:
            bot.kill()
