"""Databases for the lanes, each of its own and at the newest schema."""

import asyncio
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg

from bot.app import migrate
from models.database import Database
from tests.support import postgres


class Sqlite:
    name = "sqlite"

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def create(self) -> str:
        """The URL of a new database at the newest schema."""
        url = f"sqlite:///{self._folder / uuid4().hex}.db"
        await _migrated(url)
        return url


class Postgres:
    name = "postgres"

    def __init__(self, server: str) -> None:
        self._server = server

    async def create(self) -> str:
        name = self._make()
        await _migrated(f"{self._server}/{name}")
        return f"{self._server}/{name}"

    def _make(self) -> str:
        name = f"faults_{uuid4().hex}"
        with psycopg.connect(f"{self._server}/postgres", autocommit=True) as administration:
            administration.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
        return name


_one_at_a_time = threading.Lock()


async def _migrated(url: str) -> None:
    """In a thread and alone: Alembic keeps what it works on in the module."""

    async def migrated() -> None:
        database = Database(url)
        await migrate(database)
        await database.close()

    def alone() -> None:
        with _one_at_a_time:
            asyncio.run(migrated())

    await asyncio.to_thread(alone)


@contextmanager
def working_folder() -> Iterator[Path]:
    """A folder that ends with the run, and with it the Postgres server that may have been started in it."""
    folder = Path(tempfile.mkdtemp(prefix="triage-faults-"))
    folder.chmod(0o755)  # the server runs as somebody else when we run as root
    alive = folder / "alive"
    alive.write_text(str(os.getpid()))
    try:
        yield folder
    finally:
        alive.unlink()
        _wait_for_the_keeper(folder / "postgres")
        shutil.rmtree(folder, ignore_errors=True)


def _wait_for_the_keeper(home: Path) -> None:
    deadline = time.monotonic() + postgres.STOP_SECONDS
    while home.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
