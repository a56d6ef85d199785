"""The only reader of the environment. Every setting is named in .env.example and in docs/configuration.md."""

import ipaddress
import re
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import AliasChoices, Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from services.logs.limits import ReadLimits

_LIMITS = ReadLimits()
SLACK_API_URL = "https://slack.com/api/"
_CHANNEL_ID = re.compile(r"[CG][A-Z0-9]+")
_SIGNING_SECRET = re.compile(r"[0-9a-f]{32}")


class SettingsError(Exception):
    """What is wrong with the environment, a line for each setting; shown at start in place of a traceback."""


def _named(name: str) -> AliasChoices:
    return AliasChoices(name, name.lower())


class Settings(BaseSettings):
    """What the environment (and `.env`) says: TRIAGE_ and the field's name, unless the field has a name of its own."""

    model_config = SettingsConfigDict(
        env_prefix="TRIAGE_", env_file=".env", extra="ignore", populate_by_name=True, str_strip_whitespace=True
    )

    slack_bot_token: str = Field("", validation_alias=_named("SLACK_BOT_TOKEN"))
    slack_signing_secret: str = Field("", validation_alias=_named("SLACK_SIGNING_SECRET"))
    slack_app_token: str = Field("", validation_alias=_named("SLACK_APP_TOKEN"))
    database_url: str = Field("", validation_alias=_named("DATABASE_URL"))

    slack_api_url: str = SLACK_API_URL
    socket_connections: int = Field(2, ge=1, le=10)  # Slack lets an app have ten
    slack_file_hosts: Annotated[list[str], NoDecode] = ["files.slack.com", "files.slack-gov.com"]
    incident_channel: str = ""
    data_dir: Path = Path(".triage")
    problems_dir: Path | None = None
    artifacts_url: str = ""
    host: str = "127.0.0.1"
    port: int = Field(8710, ge=0, le=65535)
    api_token: str = ""
    metrics_host: str = "127.0.0.1"
    metrics_port: int | None = Field(None, ge=0, le=65535)
    log_level: str = Field("INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$")
    otlp_endpoint: str = Field("", validation_alias=_named("OTEL_EXPORTER_OTLP_ENDPOINT"))
    log_format: str = Field("auto", pattern="^(auto|console|json)$")

    retention_days: int = Field(90, ge=0)
    max_upload_bytes: int = Field(1_000_000_000, ge=1_000)
    max_request_bytes: int = Field(1_000_000, ge=10_000)
    max_decompressed_bytes: int = Field(_LIMITS.max_decompressed_bytes, ge=1_000)
    max_compression_ratio: int = Field(_LIMITS.max_ratio, ge=2)
    max_archive_members: int = Field(_LIMITS.max_members, ge=1)
    analysis_processes: int = Field(1, ge=1, le=64)
    analysis_timeout_seconds: float = Field(900, gt=0)
    concurrent_triages: int = Field(16, ge=1, le=100)

    @field_validator("slack_file_hosts", mode="before")
    @classmethod
    def _split(cls, hosts: object) -> object:
        return [host.strip() for host in hosts.split(",") if host.strip()] if isinstance(hosts, str) else hosts

    @field_validator("problems_dir", "metrics_port", mode="before")
    @classmethod
    def _none_if_empty(cls, value: object) -> object:
        return None if value == "" else value

    @field_validator("slack_bot_token")
    @classmethod
    def _is_bot_token(cls, token: str) -> str:
        if token and not token.startswith("xoxb-"):
            raise ValueError("a bot token starts with xoxb- (the app's page, OAuth & Permissions)")
        return token

    @field_validator("slack_app_token")
    @classmethod
    def _is_app_token(cls, token: str) -> str:
        if token and not token.startswith("xapp-"):
            raise ValueError("an app-level token starts with xapp- (the app's page, Basic Information)")
        return token

    @field_validator("incident_channel")
    @classmethod
    def _is_channel_id(cls, channel: str) -> str:
        if channel and not _CHANNEL_ID.fullmatch(channel):
            raise ValueError("it is a channel's id such as C0123456789 (at the bottom of its details), not its name")
        return channel

    @field_validator("database_url")
    @classmethod
    def _is_known_database(cls, url: str) -> str:
        if url and not url.startswith(("sqlite", "postgresql://", "postgresql+asyncpg://", "postgres://")):
            raise ValueError("use postgresql://user:password@host/name, or leave it out for SQLite")
        return url.replace("postgres://", "postgresql://", 1) if url.startswith("postgres://") else url

    @field_validator("slack_api_url")
    @classmethod
    def _ends_with_slash(cls, url: str) -> str:
        if not url.startswith(("http://", "https://")):
            raise ValueError("it is an http(s) address that ends in /api/")
        return url if url.endswith("/") else url + "/"

    @model_validator(mode="after")
    def _fill_in(self) -> Self:
        if not self.database_url:
            self.database_url = f"sqlite:///{(self.data_dir / 'triage.db').absolute()}"
        if not self.artifacts_url:
            self.artifacts_url = _artifacts_in(self.data_dir)
        api = urlsplit(self.slack_api_url)
        if api.hostname and is_loopback(api.hostname) and api.netloc not in self.slack_file_hosts:
            self.slack_file_hosts = [*self.slack_file_hosts, api.netloc]
        return self

    @property
    def uses_socket_mode(self) -> bool:
        return bool(self.slack_app_token)

    @property
    def name_of_artifacts_setting(self) -> str:
        """The setting that says where artifacts are."""
        is_default = self.artifacts_url == _artifacts_in(self.data_dir)
        return "TRIAGE_DATA_DIR" if is_default else "TRIAGE_ARTIFACTS_URL"

    @property
    def signing_secret_problem(self) -> str | None:
        """What is wrong with the signing secret's looks; a local workspace may have any."""
        is_local = is_loopback(urlsplit(self.slack_api_url).hostname or "")
        if is_local or not self.slack_signing_secret or _SIGNING_SECRET.fullmatch(self.slack_signing_secret):
            return None
        return (
            "SLACK_SIGNING_SECRET is not a signing secret, which is 32 hexadecimal digits: copy it from Basic "
            "Information, App Credentials, Signing Secret (not the client secret, nor the verification token)."
        )


def load_settings(**overrides: object) -> Settings:
    """Read the environment.

    Raises:
        SettingsError: a setting is malformed; each is named with what it should be.
    """
    try:
        return Settings(**overrides)  # type: ignore[arg-type]  # the overrides are validated like the environment
    except ValidationError as error:
        raise SettingsError("\n".join(_sentence(problem) for problem in error.errors())) from None


def require_slack(settings: Settings) -> None:
    """What talking to Slack needs.

    Raises:
        SettingsError: a setting is missing; each is named with where to find it.
    """
    missing = []
    if not settings.slack_bot_token:
        missing.append("SLACK_BOT_TOKEN is not set: copy the Bot User OAuth Token from OAuth & Permissions.")
    if not settings.slack_signing_secret and not settings.slack_app_token:
        missing.append(
            "Neither SLACK_APP_TOKEN (Socket Mode: Basic Information, App-Level Tokens, scope connections:write) nor "
            "SLACK_SIGNING_SECRET (HTTP: Basic Information, App Credentials) is set: one of them is needed."
        )
    if settings.signing_secret_problem and not settings.uses_socket_mode:
        raise SettingsError(settings.signing_secret_problem)
    if missing:
        raise SettingsError("\n".join([*missing, "No workspace at hand? `make demo` needs none."]))


def _artifacts_in(data_dir: Path) -> str:
    return f"file://{(data_dir / 'artifacts').absolute()}"


def is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def environment_name(field: str) -> str:
    """The name a setting has in the environment."""
    alias = Settings.model_fields[field].validation_alias
    return str(alias.choices[0]) if isinstance(alias, AliasChoices) else f"TRIAGE_{field.upper()}"


def _sentence(problem: object) -> str:
    details: dict[str, object] = dict(problem)  # type: ignore[call-overload]  # pydantic's ErrorDetails
    location = details["loc"]
    field = str(location[0]) if isinstance(location, tuple) and location else ""
    name = environment_name(field) if field in Settings.model_fields else field
    message = str(details["msg"]).removeprefix("Value error, ")
    shown = "" if _is_secret(name) else f"={details['input']!r}"
    return f"{name}{shown} cannot be used: {message[:1].lower()}{message[1:]}."


def _is_secret(name: str) -> bool:
    return name.endswith(("_TOKEN", "_SECRET", "_URL"))
