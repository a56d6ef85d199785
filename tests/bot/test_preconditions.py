"""What cannot work stops the start with one sentence that names the setting, in the command as people run it."""

import asyncio
import signal
from contextlib import asynccontextmanager

import pytest

from bot.app import create_app
from bot.preconditions import held_alone
from bot.settings import SettingsError
from models.database import Database
from sandbox.server import SandboxConfig, running_sandbox
from tests.bot.commands.bot_process import free_port, triage, workspace_with_bot
from tests.support.running_bot import settings_for
from tests.support.s3 import running_s3
from tests.support.workplace import INCIDENTS, MANIFEST

pytestmark = pytest.mark.asyncio


def refused(run):
    assert (run.returncode, run.stdout) == (1, ""), run.stderr
    said = run.stderr.splitlines()[-1]
    assert said.startswith("Error: ")
    assert "Traceback" not in run.stderr
    return said.removeprefix("Error: ")


async def test_a_second_process_on_one_sqlite_file_is_refused_and_a_killed_one_lets_go_of_it(
    tmp_path, migrated_sqlite_url
):
    database = Database(migrated_sqlite_url)
    async with workspace_with_bot(tmp_path, migrated_sqlite_url) as (_, bot):
        with pytest.raises(SettingsError), held_alone(database):
            pass
        second = {**bot.settings, "TRIAGE_PORT": str(free_port())}
        said = refused(await asyncio.to_thread(triage, "serve", cwd=tmp_path, **second))
        assert said.startswith("Another `triage` process uses the database ")
        assert "DATABASE_URL=postgresql://" in said
        await bot.stop(signal.SIGKILL)  # it alone: its readers live on for a moment, and hold nothing
        with held_alone(database):
            pass


@asynccontextmanager
async def start(tmp_path, database_url, **changes):
    """Start the bot in this process beside a workspace: what the command would say is raised."""
    team = changes.pop("team", "T0SANDBOX")
    async with running_sandbox(SandboxConfig(manifest=MANIFEST, team=team)) as sandbox:
        settings = settings_for(
            tmp_path,
            database_url,
            slack_bot_token=sandbox.config.bot_token,
            slack_signing_secret=sandbox.config.signing_secret,
            slack_api_url=sandbox.api_url,
            **changes,
        )
        app = create_app(settings, work=False)
        async with app.router.lifespan_context(app):
            yield app


async def test_the_first_workspace_is_remembered_and_another_ones_token_refused(tmp_path, migrated_url):
    for _ in range(2):
        async with start(tmp_path, migrated_url, team="T0FIRST"):
            pass
    with pytest.raises(
        SettingsError, match=r"SLACK_BOT_TOKEN is of the workspace T0OTHER, but the .* incidents of T0FIRST"
    ):
        async with start(tmp_path, migrated_url, team="T0OTHER"):
            pass


@pytest.mark.parametrize("channel", [INCIDENTS, "C0GENERAL"])
async def test_an_incident_channel_that_the_bot_is_in_or_may_join_is_fine(tmp_path, migrated_sqlite_url, channel):
    async with start(tmp_path, migrated_sqlite_url, incident_channel=channel):
        pass


@pytest.mark.parametrize("channel", ["C0NOWHERE", "C0PRIVATE"])
async def test_an_unknown_incident_channel_is_one_sentence(tmp_path, migrated_sqlite_url, channel):
    with pytest.raises(SettingsError, match=rf"TRIAGE_INCIDENT_CHANNEL={channel} cannot be used .*/invite"):
        async with start(tmp_path, migrated_sqlite_url, incident_channel=channel):
            pass


async def test_an_object_store_that_refuses_or_is_not_there_is_one_sentence(tmp_path):
    with running_s3() as s3:
        settings = {
            **s3.environment,
            "SLACK_BOT_TOKEN": "xoxb-1",
            "SLACK_SIGNING_SECRET": "0" * 32,
            "TRIAGE_PORT": str(free_port()),
        }
        said = refused(triage("serve", cwd=tmp_path, **settings, TRIAGE_ARTIFACTS_URL="s3://no-such-bucket/x"))
        assert said == (
            "The artifact store s3://no-such-bucket/x cannot be used: there is no such bucket. Check "
            "TRIAGE_ARTIFACTS_URL and its credentials (AWS_…, GOOGLE_…, AZURE_…)."
        )


async def test_a_data_folder_that_cannot_be_written_is_one_sentence(tmp_path, migrated_sqlite_url):
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "artifacts").write_text("a file where the folder should be")
    with pytest.raises(SettingsError, match=r"The artifact store file:.* cannot be used: .*Check TRIAGE_DATA_DIR\.$"):
        async with start(tmp_path, migrated_sqlite_url):
            pass


@pytest.mark.parametrize("url", ["postgresql://u:s3cret@host:port/triage", "sqlite:here.db"])
async def test_what_is_no_address_of_a_database_is_one_sentence(tmp_path, url):
    with pytest.raises(SettingsError, match=r"^DATABASE_URL is no address of a database: ") as refused:
        async with start(tmp_path, url):
            pass
    assert "s3cret" not in str(refused.value)


async def test_a_folder_that_is_not_ours_to_write_is_named_with_its_setting(tmp_path, migrated_sqlite_url):
    (tmp_path / "migrated.db.lock").mkdir()
    with pytest.raises(SettingsError, match=r"The folder of the database .*TRIAGE_DATA_DIR"):
        async with start(tmp_path, migrated_sqlite_url):
            pass


async def test_slack_being_away_for_a_moment_does_not_stop_the_start(tmp_path, migrated_sqlite_url, caplog):
    async with running_sandbox(SandboxConfig(manifest=MANIFEST)) as sandbox:
        sandbox.faults.add("conversations.history", "status", status=503)
        settings = settings_for(
            tmp_path,
            migrated_sqlite_url,
            slack_bot_token=sandbox.config.bot_token,
            slack_signing_secret="any",
            slack_api_url=sandbox.api_url,
            incident_channel=INCIDENTS,
        )
        app = create_app(settings, work=False)
        async with app.router.lifespan_context(app):
            assert "TRIAGE_INCIDENT_CHANNEL=C0INCIDENTS could not be checked" in caplog.text
