"""The environment: read in one place, and every mistake in it is named with its fix."""

import re
from pathlib import Path

import pytest

from bot.settings import Settings, SettingsError, environment_name, load_settings, require_slack


@pytest.fixture
def environment(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    return monkeypatch.setenv


def test_nothing_needs_to_be_set(environment, tmp_path):
    settings = load_settings()
    assert settings.database_url == f"sqlite:///{tmp_path}/.triage/triage.db"
    assert settings.artifacts_url == f"file://{tmp_path}/.triage/artifacts"
    assert (settings.host, settings.port) == ("127.0.0.1", 8710)
    assert not settings.uses_socket_mode


@pytest.mark.parametrize("variable", ["SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "SLACK_APP_TOKEN", "DATABASE_URL"])
def test_the_names_people_already_have_are_read(environment, variable):
    values = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1", "DATABASE_URL": "postgresql://u@h/d"}
    environment(variable, values.get(variable, "secret"))
    field = next(name for name in Settings.model_fields if environment_name(name) == variable)
    assert getattr(load_settings(), field) == values.get(variable, "secret")


def test_a_dotenv_file_is_read_and_the_environment_wins(environment, tmp_path):
    (tmp_path / ".env").write_text("TRIAGE_PORT=1234\nSLACK_BOT_TOKEN=xoxb-from-file\nSOMETHING_ELSE=1\n")
    environment("TRIAGE_PORT", "4321")
    settings = load_settings()
    assert (settings.port, settings.slack_bot_token) == (4321, "xoxb-from-file")


@pytest.mark.parametrize(
    ("variable", "value", "fix"),
    [
        ("TRIAGE_PORT", "http", "integer"),
        ("TRIAGE_PORT", "70000", "65535"),
        ("TRIAGE_LOG_LEVEL", "LOUD", "DEBUG|INFO|WARNING|ERROR"),
        ("TRIAGE_MAX_UPLOAD_BYTES", "1 GB", "integer"),
        ("TRIAGE_ANALYSIS_PROCESSES", "0", "greater than or equal to 1"),
        ("TRIAGE_SLACK_API_URL", "slack.com", "http"),
        ("SLACK_BOT_TOKEN", "xoxp-a-users-token", "starts with xoxb-"),
        ("SLACK_APP_TOKEN", "xoxb-the-wrong-one", "starts with xapp-"),
        ("DATABASE_URL", "mysql://u@h/d", "postgresql://"),
        ("TRIAGE_INCIDENT_CHANNEL", "#incidents", "C0123456789"),
    ],
)
def test_a_malformed_setting_is_named_with_its_fix(environment, variable, value, fix):
    environment(variable, value)
    with pytest.raises(SettingsError) as refused:
        load_settings()
    assert str(refused.value).startswith(variable)
    assert fix in str(refused.value)
    assert "\n" not in str(refused.value)


def test_several_mistakes_are_named_at_once(environment):
    environment("TRIAGE_PORT", "http")
    environment("TRIAGE_LOG_LEVEL", "LOUD")
    with pytest.raises(SettingsError) as refused:
        load_settings()
    assert [line.split("=")[0] for line in str(refused.value).splitlines()] == ["TRIAGE_PORT", "TRIAGE_LOG_LEVEL"]


@pytest.mark.parametrize(
    ("variable", "secret"),
    [
        ("SLACK_BOT_TOKEN", "s3cret-token"),
        ("SLACK_APP_TOKEN", "s3cret-token"),
        ("DATABASE_URL", "mysql://user:s3cret-word@host/db"),
    ],
)
def test_a_secret_is_never_printed(environment, variable, secret):
    environment(variable, secret)
    with pytest.raises(SettingsError) as refused:
        load_settings()
    assert "s3cret" not in str(refused.value)


def test_what_slack_needs_is_named_with_where_to_find_it(environment):
    with pytest.raises(SettingsError) as refused:
        require_slack(load_settings())
    for words in ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET", "OAuth & Permissions", "make demo"):
        assert words in str(refused.value)


@pytest.mark.parametrize(("second", "value"), [("SLACK_APP_TOKEN", "xapp-1"), ("SLACK_SIGNING_SECRET", "0f" * 16)])
def test_either_socket_mode_or_http_is_enough(environment, second, value):
    environment("SLACK_BOT_TOKEN", "xoxb-1")
    environment(second, value)
    require_slack(load_settings())


def test_what_cannot_be_a_signing_secret_stops_the_start_unless_the_workspace_is_local(environment):
    environment("SLACK_BOT_TOKEN", "xoxb-1")
    environment("SLACK_SIGNING_SECRET", "the-verification-token")
    with pytest.raises(
        SettingsError, match=r"^SLACK_SIGNING_SECRET is not a signing secret, .*Basic Information"
    ) as no:
        require_slack(load_settings())
    assert "the-verification-token" not in str(no.value)
    environment("TRIAGE_SLACK_API_URL", "http://127.0.0.1:8711/api/")
    require_slack(load_settings())


def test_the_setting_that_says_where_artifacts_are_is_known(environment):
    assert load_settings().name_of_artifacts_setting == "TRIAGE_DATA_DIR"
    environment("TRIAGE_ARTIFACTS_URL", "s3://bucket")
    assert load_settings().name_of_artifacts_setting == "TRIAGE_ARTIFACTS_URL"


def test_heroku_style_addresses_are_understood(environment):
    environment("DATABASE_URL", "postgres://u@h/d")
    assert load_settings().database_url == "postgresql://u@h/d"


def test_the_token_goes_to_slacks_file_hosts_and_to_a_local_sandbox_only(environment):
    assert load_settings().slack_file_hosts == ["files.slack.com", "files.slack-gov.com"]
    environment("TRIAGE_SLACK_API_URL", "http://127.0.0.1:8711/api")
    assert load_settings().slack_file_hosts[-1] == "127.0.0.1:8711"
    environment("TRIAGE_SLACK_API_URL", "https://proxy.example.com/api/")
    assert load_settings().slack_file_hosts == ["files.slack.com", "files.slack-gov.com"]
    environment("TRIAGE_SLACK_FILE_HOSTS", "files.example.com, other.example.com")
    assert load_settings().slack_file_hosts == ["files.example.com", "other.example.com"]


def test_nothing_but_the_settings_reads_the_environment():
    """The demo hands its own environment on to what it starts, and looks for a screen; that is all."""
    root = Path(__file__).parents[2]
    readers = {
        str(path.relative_to(root))
        for folder in ("bot", "services", "models", "migrations", "sandbox")
        for path in (root / folder).rglob("*.py")
        if re.search(r"\bos\.(environ|getenv)\b", path.read_text())
    }
    assert readers <= {"bot/commands/demo.py"}
