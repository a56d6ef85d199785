"""The schema's history. `upgrade` brings a database to the newest revision; `is_current` says whether it is there,
`is_behind` whether it is still to be brought there.
"""

import asyncio
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from models.database import Database


async def upgrade(database: Database) -> None:
    """Apply what is missing, in one transaction a revision."""
    async with database.engine.execution_options(sqlite_begin="BEGIN IMMEDIATE").begin() as connection:
        await connection.run_sync(_upgrade)


async def is_current(database: Database) -> bool:
    _, heads = await asyncio.to_thread(_known)
    return await _applied(database) == heads


async def is_behind(database: Database) -> bool:
    """Whether a revision that we know is missing. A database that newer code has migrated is not behind."""
    revisions, heads = await asyncio.to_thread(_known)
    applied = await _applied(database)
    return applied != heads and applied <= revisions


async def _applied(database: Database) -> set[str]:
    async with database.engine.connect() as connection:
        return set(await connection.run_sync(lambda sync: MigrationContext.configure(sync).get_current_heads()))


@cache
def _known() -> tuple[set[str], set[str]]:
    """Every revision of this code, and the newest."""
    scripts = ScriptDirectory.from_config(configuration())
    return {script.revision for script in scripts.walk_revisions()}, set(scripts.get_heads())


def configuration() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    return config


def _upgrade(connection: Connection) -> None:
    config = configuration()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
