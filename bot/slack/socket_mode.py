"""Socket Mode: the same listeners over a connection that we open."""

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.settings import Settings, SettingsError
from bot.slack.client import error_of


async def connect(app: AsyncApp, settings: Settings) -> AsyncSocketModeHandler:
    """Open the connection and receive over it until `close_async`.

    Raises:
        SettingsError: Slack refuses the app-level token.
    """
    web_client = AsyncWebClient(token=settings.slack_app_token, base_url=settings.slack_api_url)
    try:
        await web_client.apps_connections_open(app_token=settings.slack_app_token)  # the handler would retry for ever
    except SlackApiError as error:
        raise SettingsError(
            f"SLACK_APP_TOKEN is refused by Slack ({error_of(error)}): create an app-level token with the scope "
            "connections:write under Basic Information, and switch Socket Mode on."
        ) from None
    handler = AsyncSocketModeHandler(app, settings.slack_app_token, web_client=web_client)
    await handler.connect_async()
    return handler
