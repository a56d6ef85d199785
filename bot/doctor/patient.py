"""The installation that is looked at, and what the checks have learned of it so far."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

from bot.doctor.verdict import Skipped
from bot.settings import Settings
from bot.slack.client import open_session
from bot.slack.delivery import BotIdentity


@dataclass
class Patient:
    """A check that finds something out writes it here; a check that needs what is not here is skipped.

    Attributes:
        channel: where the round trip may post, "" for nowhere.
        identity: whose the bot token is, None while that is not known.
        scopes: what the bot token may do.
        app_id: the app of the app-level token.
        other_sockets: connections that the app had open besides ours.
        event_types: the events of the round trip that came over our own socket; `told` is set when all have come.
        is_round: a message and a file went to Slack and came back.
    """

    settings: Settings
    session: aiohttp.ClientSession
    client: AsyncWebClient
    channel: str = ""
    identity: BotIdentity | None = None
    slack_said: dict[str, str] = field(default_factory=dict)
    scopes: frozenset[str] = frozenset()
    app_id: str | None = None
    other_sockets: int = 0
    event_types: set[str] = field(default_factory=set)
    told: asyncio.Event = field(default_factory=asyncio.Event)
    is_round: bool = False
    database_is_usable: bool = False

    def require_identity(self) -> BotIdentity:
        """Raises Skipped where Slack did not take the bot token."""
        if self.identity is None:
            raise Skipped("it needs a bot token that Slack takes")
        return self.identity

    def app_client(self) -> AsyncWebClient:
        """A client with the app-level token."""
        return AsyncWebClient(
            token=self.settings.slack_app_token,
            base_url=self.settings.slack_api_url,
            session=self.session,
            retry_handlers=[],
        )


@asynccontextmanager
async def admitted(settings: Settings, channel: str = "") -> AsyncIterator[Patient]:
    async with open_session() as session:
        client = AsyncWebClient(
            token=settings.slack_bot_token,
            base_url=settings.slack_api_url,
            session=session,
            retry_handlers=[AsyncRateLimitErrorRetryHandler(max_retry_count=2)],
        )
        yield Patient(settings, session, client, channel)


def lowered(headers: Any) -> dict[str, str]:
    """Header names as they can be compared."""
    return {str(name).lower(): str(value) for name, value in dict(headers).items()}
