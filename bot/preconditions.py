"""What must hold before the bot starts. Whatever does not is one sentence that names the setting."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import aiohttp
from filelock import FileLock, Timeout
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.settings import Settings, SettingsError
from bot.slack.refusals import error_of
from models.database import Database
from services.artifacts.store import ArtifactStore
from services.errors import StoreRefused, StoreUnavailable
from services.incidents.workspaces import remember_workspace

log = logging.getLogger(__name__)

LOCK_SUFFIX = ".lock"
# Where conversations.history answers so, the channel is there: the bot joins it with its first card.
_NOT_YET_A_MEMBER = "not_in_channel"
_UNKNOWN_CHANNEL = ("channel_not_found", "invalid_channel", "is_archived")


@contextmanager
def held_alone(database: Database) -> Iterator[None]:
    """Keep other processes away from an SQLite file; the system lets go of it however this process ends.

    Raises:
        SettingsError: another process has it, or its folder cannot be written.
    """
    if not database.is_sqlite or not database.url.database:
        yield
        return
    path = database.url.database
    try:
        lock = FileLock(path + LOCK_SUFFIX, timeout=0).acquire()
    except Timeout:
        raise SettingsError(
            f"Another `triage` process uses the database {path}: SQLite belongs to one process. Stop that one, or set "
            "DATABASE_URL=postgresql://… to run several."
        ) from None
    except OSError as error:
        raise SettingsError(
            f"The folder of the database {path} cannot be written ({error.strerror}): give it to the user that runs "
            "triage, or name another one in TRIAGE_DATA_DIR (DATABASE_URL, where that is set)."
        ) from None
    with lock:
        yield


async def open_store(settings: Settings) -> ArtifactStore:
    """The artifact store, which has just taken, given back and deleted a few bytes.

    Raises:
        SettingsError: it cannot be used.
    """
    try:
        store = ArtifactStore(settings.artifacts_url)
        await store.probe()
    except (StoreRefused, StoreUnavailable) as error:
        raise SettingsError(
            f"The artifact store {settings.artifacts_url} cannot be used: {error.reason}. Check "
            f"{settings.name_of_artifacts_setting}{_and_credentials(settings)}."
        ) from None
    return store


def _and_credentials(settings: Settings) -> str:
    return "" if settings.artifacts_url.startswith("file:") else " and its credentials (AWS_…, GOOGLE_…, AZURE_…)"


async def require_same_workspace(database: Database, team_id: str) -> None:
    """Remember whose incidents are here; the first start decides.

    Raises:
        SettingsError: they are another workspace's.
    """
    async with database.write() as session:
        owner = await remember_workspace(session, workspace=team_id)
        await session.commit()
    if owner != team_id:
        raise SettingsError(
            f"SLACK_BOT_TOKEN is of the workspace {team_id}, but the database holds the incidents of {owner}: use that "
            "workspace's token, or a database of its own for this one (DATABASE_URL, TRIAGE_DATA_DIR)."
        )


async def require_incident_channel(client: AsyncWebClient, channel: str) -> None:
    """The channel is one that the bot can post to, as far as Slack says so now: an outage stops no start.

    Raises:
        SettingsError: it does not exist, is archived, or is private without the bot in it.
    """
    problem = await channel_problem(client, channel) if channel else None
    if problem in _UNKNOWN_CHANNEL:
        raise SettingsError(f"TRIAGE_INCIDENT_CHANNEL={channel} cannot be used ({problem}): {CHANNEL_FIX}")
    if problem is not None and problem != _NOT_YET_A_MEMBER:
        log.warning("TRIAGE_INCIDENT_CHANNEL=%s could not be checked: %s", channel, problem)


CHANNEL_FIX = (
    "copy the channel id from the bottom of the channel's details, and if it is private invite the app "
    "with `/invite @Triage`."
)


async def channel_problem(client: AsyncWebClient, channel: str) -> str | None:
    """Slack's word for why the bot cannot read there; None where it can. The scopes are those it has anyway."""
    try:
        await client.conversations_history(channel=channel, limit=1)
    except SlackApiError as error:
        return error_of(error)
    except (aiohttp.ClientError, TimeoutError) as error:
        return type(error).__name__
    return None
