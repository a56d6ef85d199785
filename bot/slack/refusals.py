"""What Slack's answer means for a message: worth another try, not before somebody has changed something, or neither.

The words are those of the methods that deliver: chat.postMessage, chat.update, chat.postEphemeral, conversations.* and
files.*. Each refusal comes with one sentence of what to do, which is kept on the message's row.
"""

import aiohttp
from slack_sdk.errors import SlackApiError

from services.errors import (
    CredentialsRefused,
    DeliveryError,
    PermanentDeliveryError,
    RateLimited,
    ThreadGone,
    TransientDeliveryError,
)

DEFAULT_RETRY_AFTER_SECONDS = 5.0
# Slack was busy with it, so it may have been done; of the others Slack says that nothing was.
PASSING_IN_DOUBT = {"internal_error", "fatal_error", "service_unavailable"}
PASSING = {"request_timeout", "team_added_to_org", "external_channel_migrating", "message_limit_exceeded"}
RATE_LIMITS = {"ratelimited", "rate_limited"}
TOKEN_REFUSED = {
    "invalid_auth",
    "not_authed",
    "token_revoked",
    "token_expired",
    "account_inactive",
    "not_allowed_token_type",
    "team_access_not_granted",
    "ekm_access_denied",
    "access_denied",
}
THREAD_LOST = {"thread_not_found"}
# A message that was to be edited and is not there any more, or that Slack lets nobody edit.
NO_LONGER_EDITABLE = {"message_not_found", "edit_window_closed", "cant_update_message"}
TOO_LONG = {"msg_too_long", "msg_blocks_too_long"}
POSTING_SCOPE = "chat:write"  # without it nothing at all can be said

NEW_TOKEN = "Reinstall the app, set SLACK_BOT_TOKEN to the token under OAuth & Permissions, and start me again."  # noqa: S105  # a sentence
INVITE = "Invite me there with `/invite @Triage`."
_BY_AN_ADMIN = "Ask an admin of the workspace to let the app post there."
_OURS = "This is a fault of the bot: please report it with the key of the message."
ADVICE = {
    "channel_not_found": f"The channel was deleted, or is private and without me. {INVITE}",
    "not_in_channel": INVITE,
    "method_not_supported_for_channel_type": INVITE,
    "is_archived": "Unarchive the channel.",
    "restricted_action": _BY_AN_ADMIN,
    "restricted_action_read_only_channel": _BY_AN_ADMIN,
    "restricted_action_thread_only_channel": _BY_AN_ADMIN,
    "restricted_action_non_threadable_channel": _BY_AN_ADMIN,
    "no_permission": _BY_AN_ADMIN,
    "user_not_in_channel": "The person has left the channel; there is nothing to do.",
    "user_not_found": "The person has left the workspace; there is nothing to do.",
    "user_disabled": "The person has left the workspace; there is nothing to do.",
    "messages_tab_disabled": "Switch on the Messages tab under App Home, or message the person yourself.",
    "storage_limit_reached": "The workspace's storage is full: make room, or leave the file out.",
    "file_upload_size_restricted": "The workspace takes no files so large; the triage message has the findings.",
    "msg_too_long": _OURS,
    "msg_blocks_too_long": _OURS,
    "invalid_blocks": _OURS,
    "invalid_blocks_format": _OURS,
    "no_text": _OURS,
}
UNKNOWN = "Slack's page of the method explains this word."


def delivery_error(error: Exception) -> DeliveryError:
    """What a failed call means for the message."""
    if not isinstance(error, SlackApiError):
        never_left = isinstance(error, aiohttp.ClientConnectorError)
        return TransientDeliveryError(f"{type(error).__name__}: {error}", in_doubt=not never_left)
    name, status = error_of(error), getattr(error.response, "status_code", 200)
    if status == 429 or name in RATE_LIMITS:
        return RateLimited(retry_after_seconds(error))
    if status >= 500 or name in PASSING_IN_DOUBT:
        return TransientDeliveryError(name)
    if name in PASSING:
        return TransientDeliveryError(name, in_doubt=False)
    return _refusal(name, error)


def error_of(error: SlackApiError) -> str:
    """Slack's word for what is wrong; the HTTP status where it gave none."""
    if isinstance(error.response, dict) or hasattr(error.response, "get"):
        return str(error.response.get("error") or f"HTTP {getattr(error.response, 'status_code', '?')}")
    return str(error)


def retry_after_seconds(error: SlackApiError) -> float:
    headers = {key.lower(): value for key, value in dict(error.response.headers).items()}
    try:
        return max(0.0, float(headers["retry-after"]))
    except (KeyError, ValueError):
        return DEFAULT_RETRY_AFTER_SECONDS


def _refusal(name: str, error: SlackApiError) -> DeliveryError:
    if name in TOKEN_REFUSED:
        return CredentialsRefused(name, NEW_TOKEN)
    if name in THREAD_LOST:
        return ThreadGone(name, "The message that began the thread was deleted; there is nothing to do.")
    if name == "missing_scope":
        return _missing_scope(error)
    return PermanentDeliveryError(name, ADVICE.get(name, UNKNOWN))


def _missing_scope(error: SlackApiError) -> DeliveryError:
    needed = str(error.response.get("needed") or "")
    scopes = f"the scope {needed}" if needed else "the scopes of manifest.yml"
    kind = CredentialsRefused if POSTING_SCOPE in needed.split(",") else PermanentDeliveryError
    return kind("missing_scope", f"Add {scopes} under OAuth & Permissions and reinstall the app.")
