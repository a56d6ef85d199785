"""`triage doctor`: green where all is well; each thing that is wrong is seen, and told with its fix."""

import asyncio
import json
import shutil
from contextlib import asynccontextmanager

import psycopg
import pytest

import bot.doctor.own_parts
import bot.doctor.round_trip
import sandbox.files
import sandbox.socket_mode
from bot.doctor.examination import CHECKS, examine
from bot.doctor.verdict import State
from bot.settings import Settings
from sandbox.server import SandboxConfig, running_sandbox
from tests.bot.commands.bot_process import triage
from tests.support.running_bot import settings_for
from tests.support.s3 import running_s3
from tests.support.workplace import INCIDENTS, MANIFEST, text_of, workplace

pytestmark = pytest.mark.asyncio
SLOW = {"analysis", "known problems"}


@asynccontextmanager
async def workspace(**config):
    async with running_sandbox(SandboxConfig(manifest=MANIFEST, mode="socket", **config)) as sandbox:
        yield sandbox


def settings_of(sandbox, tmp_path, database_url="", **changes) -> Settings:
    known = {
        "slack_bot_token": sandbox.config.bot_token,
        "slack_app_token": sandbox.config.app_token,
        "slack_api_url": sandbox.api_url,
        "incident_channel": INCIDENTS,
    }
    return settings_for(tmp_path, database_url, **{**known, **changes})


async def look(settings, *, channel="", but=SLOW):
    """The verdicts by check; what takes long is looked at where the test is about it."""
    kept = {name: check for name, check in CHECKS.items() if name not in but}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bot.doctor.examination.CHECKS", kept)
        return {verdict.check: verdict async for verdict in examine(settings, channel=channel)}


def wrong(verdicts) -> list[str]:
    return [name for name, verdict in verdicts.items() if verdict.state is State.WRONG]


async def test_a_sound_installation_is_green_and_nothing_of_the_round_trip_stays(tmp_path, migrated_url):
    async with workspace() as sandbox:
        verdicts = await look(settings_of(sandbox, tmp_path, migrated_url), channel=INCIDENTS, but=())
        assert [verdict for verdict in verdicts.values() if verdict.state is State.WRONG] == []
        skipped = {name for name, verdict in verdicts.items() if verdict.state is State.SKIPPED}
        assert skipped == {"signing secret", "deliveries"}
        assert list(verdicts) == list(CHECKS)
        assert verdicts["bot token"].found.endswith("in the workspace Sandbox (T0SANDBOX)")
        assert verdicts["events"].found == "Slack told of the round trip: file_shared, message"
        assert ("on other machines" in verdicts["artifact store"].found) == migrated_url.startswith("postgresql")
        assert sandbox.workspace.messages.roots(INCIDENTS) == []
        files = [entry for entry in sandbox.traffic.after(0) if "files.delete: ok" in entry["summary"]]
        assert len(files) == 1


async def test_beside_a_bot_that_works_nothing_is_taken_away_from_it(tmp_path, migrated_sqlite_url):
    log = b"2026-03-01 10:00:00 INFO fine\n" * 100 + b"2026-03-01 10:01:00 ERROR pool: connection pool exhausted\n"
    async with workplace(tmp_path, migrated_sqlite_url, mode="socket", sandbox={"ack_timeout_seconds": 0.5}) as place:
        card = await place.open_incident()
        verdicts, _ = await asyncio.gather(
            look(place.bot.state.parts.settings, channel="C0PAYMENTS"),
            place.upload(("app.log", log), thread_ts=card["ts"]),
        )
        assert "app.log:101" in text_of(await place.triage(card))
    assert wrong(verdicts) == []
    assert verdicts["database"].found.endswith("a running bot uses it now")
    assert verdicts["deliveries"].found == "the last one came 0 min ago"


async def test_being_told_to_wait_is_no_fault(tmp_path, migrated_sqlite_url):
    async with workspace() as sandbox:
        for method in ("chat.postMessage", "files.info", "auth.test"):
            sandbox.faults.add(method, "status", status=429, retry_after_seconds=0)
        verdicts = await look(settings_of(sandbox, tmp_path, migrated_sqlite_url), channel=INCIDENTS)
    assert wrong(verdicts) == []


async def test_without_tokens_what_needs_slack_is_skipped_and_the_rest_is_done(tmp_path):
    verdicts = await look(settings_for(tmp_path, ""))
    assert wrong(verdicts) == []
    assert verdicts["database"].found.endswith("`triage serve` makes it at its first start")
    assert verdicts["artifact store"].state is State.OK
    assert {verdicts[name].state for name in ("bot token", "clock", "scopes", "socket", "round trip")} == {
        State.SKIPPED
    }
    assert not (tmp_path / "state" / "triage.db").exists()


@pytest.mark.parametrize(
    ("error", "fix"),
    [
        ("invalid_auth", "copy the Bot User OAuth Token again"),
        ("token_revoked", "install the app again"),
        ("account_inactive", "install it again"),
        ("token_expired", "token rotation is on"),
    ],
)
async def test_a_refused_bot_token_is_told_with_its_fix(tmp_path, error, fix):
    async with workspace() as sandbox:
        sandbox.faults.add("auth.test", "error", error=error)
        verdicts = await look(settings_of(sandbox, tmp_path))
    assert error in verdicts["bot token"].found
    assert fix in verdicts["bot token"].fix
    assert verdicts["scopes"].state is State.SKIPPED


async def test_a_slack_that_cannot_be_reached_is_told(tmp_path):
    async with workspace() as sandbox:
        verdicts = await look(settings_of(sandbox, tmp_path, slack_api_url="http://127.0.0.1:9/api/"))
    assert "cannot be reached" in verdicts["bot token"].found
    assert "TRIAGE_SLACK_API_URL" in verdicts["bot token"].fix


async def test_a_clock_that_is_off_is_told(tmp_path):
    async with workspace() as sandbox:
        sandbox.clock.advance(600)
        verdicts = await look(settings_of(sandbox, tmp_path))
    assert wrong(verdicts) == ["clock"]
    assert "s behind Slack" in verdicts["clock"].found
    assert "NTP" in verdicts["clock"].fix


async def test_each_missing_scope_is_named(tmp_path):
    async with workspace() as sandbox:
        sandbox.access.scopes.remove("files:read")
        sandbox.access.scopes.remove("channels:join")
        verdicts = await look(settings_of(sandbox, tmp_path))
    assert wrong(verdicts) == ["scopes"]
    assert verdicts["scopes"].found == "the bot token lacks channels:join, files:read"
    assert "Bot Token Scopes" in verdicts["scopes"].fix
    assert "Reinstall" in verdicts["scopes"].fix


@pytest.mark.parametrize("error", ["missing_scope", "invalid_auth"])
async def test_a_refused_app_token_is_told_with_its_fix(tmp_path, error):
    async with workspace() as sandbox:
        sandbox.faults.add("apps.connections.open", "error", error=error)
        verdicts = await look(settings_of(sandbox, tmp_path))
    assert wrong(verdicts) == ["socket"]
    assert error in verdicts["socket"].found
    assert "connections:write" in verdicts["socket"].fix


async def test_an_app_token_of_another_app_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(sandbox.socket_mode, "APP_ID", "A0ANOTHER")
    async with workspace() as slack:
        verdicts = await look(settings_of(slack, tmp_path), channel=INCIDENTS)
    assert wrong(verdicts) == ["round trip"]
    assert verdicts["round trip"].found == "SLACK_BOT_TOKEN is of the app A0TRIAGEAPP, SLACK_APP_TOKEN of A0ANOTHER"


async def test_socket_mode_that_is_off_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(
        sandbox.socket_mode.SocketMode, "_hello", lambda _: {"type": "disconnect", "reason": "link_disabled"}
    )
    async with workspace() as slack:
        verdicts = await look(settings_of(slack, tmp_path))
    assert wrong(verdicts) == ["socket"]
    assert "switch Socket Mode on" in verdicts["socket"].fix


async def test_neither_way_in_is_told(tmp_path):
    async with workspace() as sandbox:
        verdicts = await look(settings_of(sandbox, tmp_path, slack_app_token=""))
        assert wrong(verdicts) == ["socket"]
        assert "SLACK_SIGNING_SECRET" in verdicts["socket"].found
        over_http = await look(settings_of(sandbox, tmp_path, slack_app_token="", slack_signing_secret="any"))
        assert wrong(over_http) == []


async def test_what_cannot_be_a_signing_secret_is_told(tmp_path):
    settings = settings_for(
        tmp_path, "", slack_signing_secret="the-client-secret", slack_api_url="https://slack.example/api/"
    )
    verdicts = await look(settings)
    assert wrong(verdicts) == ["signing secret"]
    assert "Basic Information" in verdicts["signing secret"].fix


@pytest.mark.parametrize("channel", ["C0NOWHERE", "C0PRIVATE"])
async def test_an_incident_channel_that_the_bot_cannot_use_is_told(tmp_path, channel):
    async with workspace() as sandbox:
        verdicts = await look(settings_of(sandbox, tmp_path, incident_channel=channel))
    assert wrong(verdicts) == ["incident channel"]
    assert "/invite" in verdicts["incident channel"].fix


async def test_a_public_channel_that_the_bot_may_join_is_fine_while_it_may(tmp_path):
    async with workspace() as sandbox:
        verdicts = await look(settings_of(sandbox, tmp_path, incident_channel="C0GENERAL"))
        assert "joins it with its first card" in verdicts["incident channel"].found
        sandbox.access.scopes.remove("channels:join")
        verdicts = await look(settings_of(sandbox, tmp_path, incident_channel="C0GENERAL"))
        assert wrong(verdicts) == ["scopes", "incident channel"]


@pytest.mark.parametrize(
    ("scope", "found", "fix"),
    [
        ("chat:write", "a message cannot be posted", "copy the channel id"),
        ("files:write", "a file cannot be uploaded: missing_scope", "files:write"),
        ("files:read", "the upload cannot be read back", "files:read"),
    ],
)
async def test_what_the_round_trip_stumbles_over_is_told_and_nothing_stays(tmp_path, scope, found, fix):
    async with workspace() as sandbox:
        if scope == "chat:write":
            sandbox.faults.add("chat.postMessage", "error", error="restricted_action")
        else:
            sandbox.access.scopes.remove(scope)
        verdicts = await look(settings_of(sandbox, tmp_path), channel=INCIDENTS)
        assert sandbox.workspace.messages.roots(INCIDENTS) == []
    assert found in verdicts["round trip"].found
    assert fix in verdicts["round trip"].fix
    assert verdicts["events"].state is State.SKIPPED


async def test_a_file_that_changes_on_its_way_is_told(tmp_path, monkeypatch):
    spool = sandbox.files.Files.spool

    async def upper(files, file, chunks):
        await spool(files, file, (chunk.upper() async for chunk in chunks))

    monkeypatch.setattr(sandbox.files.Files, "spool", upper)
    async with workspace() as slack:
        verdicts = await look(settings_of(slack, tmp_path), channel=INCIDENTS)
    assert wrong(verdicts) == ["round trip"]
    assert "proxy that changes" in verdicts["round trip"].fix


async def test_a_login_page_in_place_of_the_file_is_told_as_what_it_is(tmp_path):
    async with workspace() as sandbox:
        sandbox.faults.add("download", "redirect", location="https://slack.example/login")
        verdicts = await look(settings_of(sandbox, tmp_path), channel=INCIDENTS)
    assert "slack.example, which is none of Slack's file hosts" in verdicts["round trip"].found


@pytest.mark.parametrize(("event", "told"), [("file_shared", "as file_shared"), ("message.channels", "as message")])
async def test_events_that_nobody_subscribed_to_are_told(tmp_path, monkeypatch, event, told):
    monkeypatch.setattr(bot.doctor.round_trip, "EVENT_SECONDS", 0.3)
    without = tmp_path / "manifest.yml"
    without.write_text(MANIFEST.read_text().replace(f"      - {event}\n", ""))
    async with running_sandbox(SandboxConfig(manifest=without, mode="socket")) as sandbox:
        verdicts = await look(settings_of(sandbox, tmp_path), channel=INCIDENTS)
    assert wrong(verdicts) == ["events"]
    assert verdicts["events"].found.endswith(told)
    assert event in verdicts["events"].fix


async def test_a_database_that_cannot_be_reached_is_told(tmp_path):
    verdicts = await look(settings_for(tmp_path, "postgresql://somebody:s3cret@127.0.0.1:9/triage"))
    assert wrong(verdicts) == ["database"]
    assert "DATABASE_URL" in verdicts["database"].fix
    assert "s3cret" not in str(verdicts)


async def test_a_shared_database_at_an_older_schema_is_told(tmp_path, postgres_url):
    verdicts = await look(settings_for(tmp_path, postgres_url.replace("+asyncpg", "")))
    assert wrong(verdicts) == ["database"]
    assert verdicts["database"].fix == "run `triage migrate`"


async def test_a_database_that_cannot_be_written_is_told(tmp_path, migrated_postgres_url):
    name = migrated_postgres_url.rpartition("/")[2]
    with psycopg.connect(migrated_postgres_url, autocommit=True) as owner:
        owner.execute(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
    verdicts = await look(settings_for(tmp_path, migrated_postgres_url))
    assert wrong(verdicts) == ["database"]
    assert "nothing can be written" in verdicts["database"].found


async def test_few_connections_left_are_told(tmp_path, migrated_postgres_url, monkeypatch):
    monkeypatch.setattr(bot.doctor.own_parts, "CONNECTIONS_OF_A_PROCESS", 10_000)
    verdicts = await look(settings_for(tmp_path, migrated_postgres_url))
    assert wrong(verdicts) == ["database"]
    assert "max_connections" in verdicts["database"].fix


async def test_an_artifact_store_that_refuses_is_told(tmp_path, monkeypatch):
    with running_s3() as s3:
        for name, value in s3.environment.items():
            monkeypatch.setenv(name, value)
        bucket = s3.make_bucket()
        assert wrong(await look(settings_for(tmp_path, "", artifacts_url=f"s3://{bucket}"))) == []
        verdicts = await look(settings_for(tmp_path, "", artifacts_url="s3://no-such-bucket"))
    assert wrong(verdicts) == ["artifact store"]
    assert verdicts["artifact store"].found == "s3://no-such-bucket cannot be used: there is no such bucket"
    assert "TRIAGE_ARTIFACTS_URL" in verdicts["artifact store"].fix


async def test_too_little_room_for_an_upload_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**9, 10**9 - 5_000_000, 5_000_000))
    verdicts = await look(settings_for(tmp_path, ""))
    assert wrong(verdicts) == ["artifact store"]
    assert "5 MB left" in verdicts["artifact store"].found
    assert "TRIAGE_MAX_UPLOAD_BYTES" in verdicts["artifact store"].fix


async def test_a_rule_that_is_left_out_is_told(tmp_path):
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "bad.yaml").write_text("problems: [")
    verdicts = await look(settings_for(tmp_path, "", problems_dir=tmp_path / "rules"), but={"analysis"})
    assert wrong(verdicts) == ["known problems"]
    assert "bad.yaml" in verdicts["known problems"].found


async def test_an_analysis_that_does_not_end_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(bot.doctor.own_parts, "TINY_LOG", bot.doctor.own_parts.TINY_LOG * 20_000)  # no longer tiny
    verdicts = await look(settings_for(tmp_path, "", analysis_timeout_seconds=0.01), but={"known problems"})
    assert wrong(verdicts) == ["analysis"]
    assert "TRIAGE_ANALYSIS_TIMEOUT_SECONDS" in verdicts["analysis"].found


async def test_what_no_check_foresaw_is_a_verdict_too(tmp_path, monkeypatch):
    async def stumbles(_patient):
        raise LookupError("no such thing\nat all")

    monkeypatch.setitem(CHECKS, "clock", stumbles)
    verdicts = await look(settings_for(tmp_path, ""))
    assert verdicts["clock"].found == "the check failed with LookupError: no such thing"
    assert verdicts["database"].state is State.OK


async def test_the_command_says_all_of_it_and_its_status_is_1_where_something_is_wrong(tmp_path):
    async with workspace() as sandbox:
        settings = {
            "SLACK_BOT_TOKEN": sandbox.config.bot_token,
            "SLACK_APP_TOKEN": sandbox.config.app_token,
            "TRIAGE_SLACK_API_URL": sandbox.api_url,
        }
        run = await asyncio.to_thread(triage, "doctor", "--json", "--channel", INCIDENTS, cwd=tmp_path, **settings)
        answer = json.loads(run.stdout)
        assert (run.returncode, answer["ok"]) == (0, True), run.stdout + run.stderr
        assert [check["check"] for check in answer["checks"]] == ["settings", *CHECKS]
        sandbox.access.scopes.remove("files:read")
        run = await asyncio.to_thread(triage, "doctor", cwd=tmp_path, **settings)
    assert run.returncode == 1
    assert "WRONG    scopes            the bot token lacks files:read\n" in run.stdout
    assert "Fix: add it under OAuth & Permissions" in run.stdout
    assert run.stdout.endswith("1 of 14 checks found something wrong.\n")
    assert run.stderr == ""


async def test_settings_that_cannot_be_read_are_the_only_verdict(tmp_path):
    run = triage("doctor", cwd=tmp_path, TRIAGE_PORT="many")
    assert run.returncode == 1
    assert run.stdout.splitlines()[0].startswith("WRONG    settings          TRIAGE_PORT='many' cannot be used")
    assert "Fix: " in run.stdout
