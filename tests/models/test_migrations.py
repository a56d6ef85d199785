"""One set of migrations for both databases; it leads to what the models say, and back."""

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect

import migrations
from bot.app import migrate
from migrations.env_filter import is_ours
from models.base import Base
from models.database import Database

pytestmark = pytest.mark.asyncio


async def tables(database):
    async with database.engine.connect() as connection:
        return set(await connection.run_sync(lambda sync: inspect(sync).get_table_names()))


async def downgrade(database):
    def to_base(sync):
        config = migrations.configuration()
        config.attributes["connection"] = sync
        command.downgrade(config, "base")

    async with database.engine.begin() as connection:
        await connection.run_sync(to_base)


async def test_upgrading_leads_to_the_models_and_downgrading_back(database_url):
    database = Database(database_url)
    assert not await migrations.is_current(database)
    await migrations.upgrade(database)
    assert await migrations.is_current(database)
    assert set(Base.metadata.tables) <= await tables(database)
    await downgrade(database)
    assert await tables(database) <= {"alembic_version"}
    await migrations.upgrade(database)
    assert set(Base.metadata.tables) <= await tables(database)
    await database.close()


async def test_the_migrations_and_the_models_say_the_same(database):
    def differences(sync):
        context = MigrationContext.configure(sync, opts={"include_name": is_ours, "compare_type": True})
        return compare_metadata(context, Base.metadata)

    async with database.engine.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_the_durable_engines_tables_are_beside_ours_and_not_ours(migrated_sqlite_url):
    database = Database(migrated_sqlite_url)
    assert {"workflow_status", "queues"} <= await tables(database)
    assert not is_ours("workflow_status", "table", {})
    assert is_ours("incident", "table", {})
    await database.close()


async def test_migrating_twice_changes_nothing(database):
    await migrate(database)
    assert await migrations.is_current(database)
