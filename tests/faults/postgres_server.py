"""A Postgres server that a check may stop and start again; what was committed is on the disk."""

import asyncio
import contextlib
import signal
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.support import postgres

# The tests' own server forgets what a crash would: here a commit that was answered must be there afterwards.
SETTINGS = {**postgres.SETTINGS, "synchronous_commit": "on"}


class PostgresServer:
    def __init__(self, programs: Path, home: Path, port: int) -> None:
        self._programs, self._home, self._port = programs, home, port
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"postgresql://{postgres.USER}@127.0.0.1:{self._port}"

    async def start(self) -> None:
        await asyncio.to_thread(self._run)
        await asyncio.to_thread(postgres._wait_until_it_answers, self.url, self._home)

    def _run(self) -> None:
        settings = {**SETTINGS, "port": str(self._port), "unix_socket_directories": str(self._home)}
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        with (self._home / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                [self._programs / "postgres", "-D", self._home / "cluster", *options],
                cwd=self._home, stdin=subprocess.DEVNULL, stdout=log, stderr=log, **postgres._unprivileged(),
            )  # fmt: skip

    async def stop_at_once(self) -> None:
        """As `pg_ctl stop -m immediate` does: every connection is cut, and the next start recovers."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(signal.SIGQUIT)
            await asyncio.to_thread(self._process.wait, postgres.STOP_SECONDS)


@asynccontextmanager
async def running_server(folder: Path) -> AsyncIterator[PostgresServer]:
    """A server of its own, gone with the context. Raises UnavailableError where none can be had."""
    programs = postgres.find_programs() or postgres._install()
    home = folder / "own-postgres"
    await asyncio.to_thread(postgres._create_cluster, programs, home)
    server = PostgresServer(programs, home, postgres._free_port())
    await server.start()
    try:
        yield server
    finally:
        await server.stop_at_once()
