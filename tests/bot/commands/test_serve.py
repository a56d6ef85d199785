"""`triage serve`, `worker` and `migrate`: whatever is wrong at the start is one message that says what to do."""

import re
import signal
import socket
import subprocess
import sys

import pytest

from sandbox.server import SandboxConfig, running_sandbox
from tests.bot.commands.bot_process import BotProcess, free_port, triage, workspace_with_bot

SLACK = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": "0" * 32}
NOBODY = "http://127.0.0.1:9/api/"


def refused(run):
    """What a refused start says: one message on standard error, and nothing else."""
    assert run.returncode == 1, run.stdout + run.stderr
    assert "Traceback" not in run.stderr
    assert run.stdout == ""
    assert run.stderr.startswith("Error: ")
    return run.stderr.removeprefix("Error: ").strip()


@pytest.mark.parametrize("command", ["serve", "worker"])
def test_without_settings_each_missing_one_is_named_with_where_to_find_it(tmp_path, command):
    said = refused(triage(command, cwd=tmp_path)).splitlines()
    assert said[0] == "SLACK_BOT_TOKEN is not set: copy the Bot User OAuth Token from OAuth & Permissions."
    assert re.match(r"Neither SLACK_APP_TOKEN \(.*\) nor SLACK_SIGNING_SECRET \(.*\) is set", said[1])
    assert said[2] == "No workspace at hand? `make demo` needs none."
    assert len(said) == 3
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", ["serve", "worker", "migrate"])
def test_malformed_settings_are_named_together(tmp_path, command):
    said = refused(triage(command, cwd=tmp_path, TRIAGE_PORT="many", SLACK_BOT_TOKEN="xoxp-secret")).splitlines()
    assert sorted(line.split(" cannot be used: ")[0] for line in said) == ["SLACK_BOT_TOKEN", "TRIAGE_PORT='many'"]
    assert "xoxp-secret" not in "".join(said)


def test_a_taken_port_is_one_sentence(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        said = refused(triage("serve", cwd=tmp_path, **SLACK, TRIAGE_PORT=port))
    assert said.startswith(f"Port {port} on 127.0.0.1 cannot be used (Address already in use)")
    assert said.endswith("Set TRIAGE_PORT to another one.")
    assert "\n" not in said


LIMIT_AFTERWARDS = """
import resource
from bot.commands.serving import OPEN_FILES, allow_open_files
resource.setrlimit(resource.RLIMIT_NOFILE, (64, 512))
allow_open_files()
print(*resource.getrlimit(resource.RLIMIT_NOFILE), OPEN_FILES)
"""


def test_as_many_connections_are_allowed_as_the_system_lets_us():
    shown = subprocess.run([sys.executable, "-c", LIMIT_AFTERWARDS], check=True, capture_output=True, text=True).stdout
    assert shown.split() == ["512", "512", "65536"]


def test_a_slack_that_cannot_be_reached_is_one_sentence(tmp_path):
    port = str(free_port())
    said = refused(triage("serve", cwd=tmp_path, **SLACK, TRIAGE_PORT=port, TRIAGE_SLACK_API_URL=NOBODY))
    assert said.endswith("check the network, or TRIAGE_SLACK_API_URL.")
    assert NOBODY in said
    assert "\n" not in said


@pytest.mark.asyncio
async def test_a_refused_token_is_one_sentence(tmp_path):
    async with running_sandbox(SandboxConfig()) as sandbox:
        bot = BotProcess(tmp_path, {**SLACK, "TRIAGE_SLACK_API_URL": sandbox.api_url, "TRIAGE_PORT": str(free_port())})
        with pytest.raises(AssertionError, match=r"SLACK_BOT_TOKEN is refused by Slack \(invalid_auth\)") as ended:
            await bot.start()
    assert "Traceback" not in str(ended.value)


def test_a_worker_of_its_own_needs_postgres(tmp_path):
    said = refused(triage("worker", cwd=tmp_path, **SLACK))
    assert said.startswith("A worker of its own needs Postgres (DATABASE_URL=postgresql://…)")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", ["serve", "worker"])
def test_a_shared_database_is_migrated_on_purpose(tmp_path, postgres_url, command):
    url = postgres_url.replace("+asyncpg", "")
    port = str(free_port())
    said = refused(triage(command, cwd=tmp_path, **SLACK, DATABASE_URL=url, TRIAGE_PORT=port))
    assert said == "The database of DATABASE_URL is not at the newest schema: run `triage migrate` first."


@pytest.mark.parametrize("command", ["serve", "worker", "migrate"])
def test_a_database_that_cannot_be_reached_is_one_sentence(tmp_path, command):
    url = "postgresql://somebody:secret@127.0.0.1:9/triage"
    said = refused(triage(command, cwd=tmp_path, **SLACK, DATABASE_URL=url, TRIAGE_PORT=str(free_port())))
    assert said.startswith("The database of DATABASE_URL cannot be used: ")
    assert "secret" not in said
    assert "\n" not in said


@pytest.mark.parametrize("command", ["serve", "migrate"])
def test_a_database_that_is_not_there_is_one_sentence(tmp_path, postgres_server, command):
    url = f"{postgres_server}/nowhere"
    said = refused(triage(command, cwd=tmp_path, **SLACK, DATABASE_URL=url, TRIAGE_PORT=str(free_port())))
    assert said == 'The database of DATABASE_URL cannot be used: database "nowhere" does not exist'


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path):
    (tmp_path / ".triage").write_text("a file where the folder should be")
    for command in ("serve", "migrate"):
        said = refused(triage(command, cwd=tmp_path, **SLACK, TRIAGE_PORT=str(free_port())))
        assert ".triage" in said
        assert "\n" not in said


def test_migrate_brings_a_database_to_the_newest_schema_and_may_be_repeated(tmp_path, database_url):
    url = re.sub(r"\+\w+", "", database_url)
    for _ in range(2):
        run = triage("migrate", cwd=tmp_path, DATABASE_URL=url)
        assert (run.returncode, run.stdout) == (0, "The database is at the newest schema.\n"), run.stderr
        assert "Traceback" not in run.stderr


def test_migrate_needs_no_slack_and_no_settings(tmp_path):
    assert triage("migrate", cwd=tmp_path).returncode == 0
    assert (tmp_path / ".triage" / "triage.db").exists()


@pytest.mark.asyncio
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_worker_of_its_own_stops_when_asked(tmp_path, migrated_postgres_url, number):
    async with workspace_with_bot(tmp_path, migrated_postgres_url) as (_, bot):
        worker = BotProcess(tmp_path / "worker", bot.settings, ("worker",))
        worker.folder.mkdir()
        try:
            await worker.start()
            assert await worker.stop(number) == 0
        finally:
            worker.kill()
        assert "Traceback" not in worker.log
