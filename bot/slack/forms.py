"""Opening a form: Slack gives a trigger three seconds and one use."""

from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.delivery import Desk, note
from bot.slack.refusals import error_of
from services.errors import TriageError

TOO_LATE = {"expired_trigger_id", "exchanged_trigger_id", "invalid_trigger_id"}


class FormTooLate(TriageError):
    def __init__(self) -> None:
        super().__init__("That was too late for Slack, which gives a form three seconds to open; please try again.")


async def open_form_once(
    desk: Desk, body: dict[str, Any], client: AsyncWebClient, view: dict[str, Any], *, kind: str
) -> None:
    """Show the form to the person who asked for it, unless this delivery came before.

    Raises:
        FormTooLate: the trigger has expired or was used.
    """
    if await note(desk, body, kind, "opened a form"):
        await open_form(client, body["trigger_id"], view)


async def open_form(client: AsyncWebClient, trigger_id: str, view: dict[str, Any]) -> None:
    """Show the form to the person behind the trigger.

    Raises:
        FormTooLate: the trigger has expired or was used.
    """
    try:
        await client.views_open(trigger_id=trigger_id, view=view)
    except SlackApiError as error:
        if error_of(error) in TOO_LATE:
            raise FormTooLate from None
        raise
