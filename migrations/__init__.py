"""The schema's history. `upgrade` brings a database to the newest revision; `is_current` says whether it is there."""

import asyncio
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
    async with database.engine.connect() as connection:
        applied = await connection.run_sync(lambda sync: MigrationContext.configure(sync).get_current_heads())
    heads = await asyncio.to_thread(lambda: ScriptDirectory.from_config(configuration()).get_heads())
    return set(applied) == set(heads)


def configuration() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    return config


def _upgrade(connection: Connection) -> None:
    config = configuration()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
