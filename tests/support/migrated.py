"""Databases at the newest schema, ours and the durable engine's, made once and copied for each test."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
import pytest_asyncio

from bot.app import migrate
from models.database import Database


async def _migrate(url: str) -> None:
    database = Database(url)
    await migrate(database)
    await database.close()


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("migrated") / "triage.db"
    asyncio.run(_migrate(f"sqlite:///{path}"))
    return path


@pytest.fixture(scope="session")
def migrated_postgres(postgres_server, _administration) -> Iterator[str]:
    name = f"migrated_{uuid4().hex}"
    _administration.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
    asyncio.run(_migrate(f"{postgres_server}/{name}"))
    yield name
    _administration.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def migrated_sqlite_url(migrated_sqlite, tmp_path) -> str:
    path = tmp_path / "migrated.db"
    shutil.copy(migrated_sqlite, path)
    return f"sqlite:///{path}"


@pytest.fixture
def migrated_postgres_url(postgres_server, migrated_postgres, _administration) -> Iterator[str]:
    name = f"test_{uuid4().hex}"
    _administration.execute(f'CREATE DATABASE "{name}" TEMPLATE "{migrated_postgres}"')
    yield f"{postgres_server}/{name}"
    _administration.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(params=["sqlite", "postgres"])
def migrated_url(request) -> str:
    """A migrated database of the test's own, once SQLite and once Postgres."""
    return request.getfixturevalue(f"migrated_{request.param}_url")


@pytest_asyncio.fixture
async def database(migrated_url) -> AsyncIterator[Database]:
    database = Database(migrated_url, pool_size=5)
    yield database
    await database.close()
