"""The one Web API client: where it points, how long it waits, and who we are."""

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.settings import Settings, SettingsError
from bot.slack.delivery import BotIdentity
from bot.slack.pace import PacedWebClient
from bot.slack.refusals import error_of

__all__ = ["TIMEOUT_SECONDS", "error_of", "identify", "make_client", "open_session"]

# For a call. A message that takes longer is still ours, for the outbox goes on beating while it is sent.
TIMEOUT_SECONDS = 20


def open_session() -> aiohttp.ClientSession:
    """The client's connections. They carry the time limit, for its own counts only where it opens them itself."""
    return aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT_SECONDS))


def make_client(settings: Settings, session: aiohttp.ClientSession) -> PacedWebClient:
    """No automatic retries: a post whose answer was lost may have happened, so the outbox decides."""
    return PacedWebClient(
        token=settings.slack_bot_token,
        base_url=settings.slack_api_url,
        session=session,
        retry_handlers=[],
    )


async def identify(client: AsyncWebClient) -> BotIdentity:
    """Who we are.

    Raises:
        SettingsError: Slack cannot be reached, or refuses the token.
    """
    try:
        answer = await client.auth_test()
    except SlackApiError as error:
        raise SettingsError(
            f"SLACK_BOT_TOKEN is refused by Slack ({error_of(error)}): copy it again from OAuth & Permissions, and "
            "reinstall the app if its scopes changed."
        ) from None
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise SettingsError(
            f"Slack cannot be reached at {client.base_url} ({type(error).__name__}): check the network, or "
            "TRIAGE_SLACK_API_URL."
        ) from None
    return BotIdentity(team_id=answer["team_id"], user_id=answer["user_id"], bot_id=answer["bot_id"])
