"""The Bolt app: one set of listeners for HTTP and for Socket Mode."""

import logging
import re
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.observability.deliveries import WatchedApp
from bot.observability.metrics import Metrics
from bot.slack.delivery import BotIdentity, Desk
from bot.slack.listeners import actions, commands, home, messages, views
from services.errors import TriageError

log = logging.getLogger(__name__)

SORRY = "Something went wrong on my side and nothing was changed; please try again."


def build_bolt_app(client: AsyncWebClient, desk: Desk, metrics: Metrics) -> AsyncApp:
    """Listeners run before the response (`process_before_response`): what is acknowledged is committed.

    Signatures are checked before Bolt sees a body, so it does not check them again.
    """
    bolt_log = logging.getLogger("slack_bolt")
    bolt_log.setLevel(logging.ERROR)  # it warns at every start of the tokens that it does not use
    app = WatchedApp(
        metrics,
        logger=bolt_log,
        client=client,
        authorize=_authorize(desk.identity, client),
        process_before_response=True,
        request_verification_enabled=False,
        signing_secret="checked in front",  # noqa: S106  # Bolt wants one even where it does not check
    )
    for listeners in (commands, actions, views, messages, home):
        listeners.register(app, desk)
    app.event(re.compile(".*"))(_ignore_event)
    app.action(re.compile(".*"))(_ignore_action)
    app.error(_answer_error)
    return app


def _authorize(identity: BotIdentity, client: AsyncWebClient) -> Any:
    """One workspace, known since the start: no auth.test for every request."""
    result = AuthorizeResult(
        enterprise_id=None,
        team_id=identity.team_id,
        bot_user_id=identity.user_id,
        bot_id=identity.bot_id,
        bot_token=client.token,
    )

    async def authorize(**_: Any) -> AuthorizeResult:
        return result

    return authorize


async def _ignore_event(ack: AsyncAck) -> None:
    """An event nobody asked for must not come back as an error: Slack would send it again."""
    await ack()


async def _ignore_action(ack: AsyncAck) -> None:
    """Link buttons and inputs report their use too; there is nothing to do."""
    await ack()


async def _answer_error(error: Exception, body: dict[str, Any]) -> BoltResponse:
    """A command gets a sentence; an event is refused, so that Slack sends it again."""
    is_command = "command" in body
    if isinstance(error, TriageError) and is_command:
        return BoltResponse(status=200, body=str(error))
    log.error("a delivery from Slack failed", exc_info=error)
    return BoltResponse(status=200, body=SORRY) if is_command else BoltResponse(status=500, body="")
