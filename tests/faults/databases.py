"""Databases for the lanes: a migrated template of each kind, and a copy of it for each lane."""

import os
import shutil
import tempfile
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
        self._template: str | None = None

    async def create(self) -> str:
        if self._template is None:
            self._template = self._make("template0")
            await _migrated(f"{self._server}/{self._template}")
        return f"{self._server}/{self._make(self._template)}"

    def _make(self, template: str) -> str:
        name = f"faults_{uuid4().hex}"
        with psycopg.connect(f"{self._server}/postgres", autocommit=True) as administration:
            administration.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return name


async def _migrated(url: str) -> None:
    database = Database(url)
    await migrate(database)
    await database.close()


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
