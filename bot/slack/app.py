"""The Bolt app: one set of listeners for HTTP and for Socket Mode."""

import logging
import re
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

from bot.observability.deliveries import WatchedApp
from bot.observability.metrics import Metrics
from bot.slack.delivery import BotIdentity, Desk, note
from bot.slack.listeners import actions, commands, home, messages, views
from bot.slack.receiving import answer_error

ANYTHING = re.compile(".*")


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
    for listeners in (messages, commands, actions, views, home):  # Bolt asks one after the other; most are messages
        listeners.register(app, desk)
    _register_the_rest(app, desk)
    app.error(answer_error)
    return app


def _register_the_rest(app: AsyncApp, desk: Desk) -> None:
    """What nobody asked for must not come back as an error: Slack would send an event again, and warn a person.

    Link buttons and inputs report their use too; there is nothing to do.
    """

    async def ignore(ack: AsyncAck, body: dict[str, Any]) -> None:
        await note(desk, body, str(body.get("event", body).get("type")), "ignored: nothing listens to it")
        await ack()

    for register in (app.event, app.action, app.shortcut, app.view_submission, app.view_closed):
        register(ANYTHING)(ignore)


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
