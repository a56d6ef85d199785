"""The one Web API client: where it points, how long it waits, and what an error of Slack means for a message."""

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.settings import Settings, SettingsError
from bot.slack.delivery import BotIdentity
from services.errors import DeliveryError, PermanentDeliveryError, TransientDeliveryError

TIMEOUT_SECONDS = 20  # for a call; less than the outbox's lease, so that nobody else sends meanwhile
DEFAULT_RETRY_AFTER_SECONDS = 5.0
PASSING = {
    "ratelimited",
    "internal_error",
    "fatal_error",
    "service_unavailable",
    "request_timeout",
    "team_added_to_org",
}


def open_session() -> aiohttp.ClientSession:
    """The client's connections. They carry the time limit, for its own counts only where it opens them itself."""
    return aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT_SECONDS))


def make_client(settings: Settings, session: aiohttp.ClientSession) -> AsyncWebClient:
    """No automatic retries: a post whose answer was lost may have happened, so the outbox decides."""
    return AsyncWebClient(
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


def error_of(error: SlackApiError) -> str:
    """Slack's word for what is wrong; the HTTP status where it gave none."""
    if isinstance(error.response, dict) or hasattr(error.response, "get"):
        return str(error.response.get("error") or f"HTTP {getattr(error.response, 'status_code', '?')}")
    return str(error)


def delivery_error(error: Exception) -> DeliveryError:
    """What a failed call means for the message: worth another try, and when, or not."""
    if not isinstance(error, SlackApiError):
        return TransientDeliveryError(f"{type(error).__name__}: {error}")
    name, status = error_of(error), getattr(error.response, "status_code", 200)
    if status == 429 or name == "ratelimited":
        headers = {key.lower(): value for key, value in dict(error.response.headers).items()}
        return TransientDeliveryError("ratelimited", float(headers.get("retry-after", DEFAULT_RETRY_AFTER_SECONDS)))
    if status >= 500 or name in PASSING:
        return TransientDeliveryError(name)
    return PermanentDeliveryError(name)
