"""Tokens, scopes, clock, socket and channel: whether Slack lets the bot in, and to what."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import aiohttp
import yaml
from slack_sdk.errors import SlackApiError

from bot.doctor.patient import Patient, lowered
from bot.doctor.verdict import Skipped, Wrong
from bot.preconditions import CHANNEL_FIX, channel_problem
from bot.slack.delivery import BotIdentity
from bot.slack.refusals import error_of

MANIFEST = Path(__file__).parents[2] / "manifest.yml"
HELLO_SECONDS = 10.0
MOST_SOCKETS = 10  # Slack's limit for an app
# Slack signs with a time, and what is five minutes old is refused: a minute is a clock that nobody keeps.
MOST_SKEW_SECONDS = 60
_APP_ID = re.compile(r"xapp-\d+-(A[A-Z0-9]+)-")

_REFUSALS = {
    "account_inactive": "the app was removed from the workspace: install it again under Install App, and copy the new "
    "Bot User OAuth Token into SLACK_BOT_TOKEN",
    "token_revoked": "install the app again under Install App, and copy the new Bot User OAuth Token into "
    "SLACK_BOT_TOKEN",
    "token_expired": "token rotation is on, which the bot does not do: switch it off under OAuth & Permissions, "
    "reinstall the app and copy the new Bot User OAuth Token into SLACK_BOT_TOKEN",
    "invalid_auth": "copy the Bot User OAuth Token again from OAuth & Permissions into SLACK_BOT_TOKEN",
}
_NEW_APP_LEVEL = (
    "generate a token with the scope connections:write under Basic Information, App-Level Tokens, and put it into "
    "SLACK_APP_TOKEN"
)


async def bot_token(patient: Patient) -> str:
    if not patient.settings.slack_bot_token:
        raise Skipped("SLACK_BOT_TOKEN is not set: copy the Bot User OAuth Token from OAuth & Permissions")
    try:
        answer = await patient.client.auth_test()
    except SlackApiError as error:
        name = error_of(error)
        raise Wrong(f"Slack refuses it: {name}", _REFUSALS.get(name, _REFUSALS["invalid_auth"])) from None
    except (aiohttp.ClientError, TimeoutError) as error:
        raise Wrong(
            f"{patient.client.base_url} cannot be reached ({type(error).__name__})",
            "check the network and its proxy, or TRIAGE_SLACK_API_URL",
        ) from None
    patient.identity = BotIdentity(answer["team_id"], answer["user_id"], answer["bot_id"])
    patient.slack_said = lowered(answer.headers)
    return f"{answer['user']} ({answer['user_id']}) in the workspace {answer['team']} ({answer['team_id']})"


async def clock(patient: Patient) -> str:
    patient.require_identity()
    if "date" not in patient.slack_said:
        raise Skipped("Slack's answer had no Date header")
    skew = (datetime.now(UTC) - parsedate_to_datetime(patient.slack_said["date"])).total_seconds()
    found = f"this machine is {abs(skew):.0f} s {'ahead of' if skew > 0 else 'behind'} Slack"
    if abs(skew) > MOST_SKEW_SECONDS:
        raise Wrong(
            found, "keep the clock with NTP (timedatectl set-ntp true): from 300 s on every delivery is refused"
        )
    return found


async def scopes(patient: Patient) -> str:
    patient.require_identity()
    if not MANIFEST.exists():
        raise Skipped("manifest.yml, which says what is needed, is not installed with the program")
    manifest = yaml.safe_load(MANIFEST.read_text(encoding="utf-8"))
    needed = set(manifest["oauth_config"]["scopes"]["bot"])
    patient.scopes = frozenset(patient.slack_said.get("x-oauth-scopes", "").replace(" ", "").split(","))
    missing = sorted(needed - patient.scopes)
    if missing:
        raise Wrong(
            f"the bot token lacks {', '.join(missing)}",
            f"add {'it' if len(missing) == 1 else 'them'} under OAuth & Permissions, Bot Token Scopes, then press "
            "Reinstall to Workspace there",
        )
    return f"all {len(needed)} of the manifest"


async def signing_secret(patient: Patient) -> str:
    settings = patient.settings
    if settings.uses_socket_mode:
        raise Skipped("Socket Mode needs none")
    if not settings.slack_signing_secret:
        raise Skipped("SLACK_SIGNING_SECRET is not set: it is needed where Slack calls the bot over HTTP")
    if settings.signing_secret_problem:
        found, fix = settings.signing_secret_problem.split(": ", 1)
        raise Wrong(found, fix)
    return "it looks like one; the last delivery below shows whether it is the right one"


async def socket(patient: Patient) -> str:
    """The app-level token, and a connection of our own until Slack has greeted us."""
    if not patient.settings.slack_app_token:
        if patient.settings.slack_bot_token and not patient.settings.slack_signing_secret:
            raise Wrong(
                "neither SLACK_APP_TOKEN nor SLACK_SIGNING_SECRET is set, so nothing of Slack's can come in",
                f"{_NEW_APP_LEVEL} (Socket Mode), or copy the signing secret from Basic Information (HTTP)",
            )
        raise Skipped("SLACK_APP_TOKEN is not set, so Slack calls the bot over HTTP")
    async with listening(patient) as (hello, _):
        patient.app_id = (hello.get("connection_info") or {}).get("app_id")
        patient.other_sockets = int(hello.get("num_connections") or 1) - 1
    named = _APP_ID.match(patient.settings.slack_app_token)
    if named and patient.app_id and named[1] != patient.app_id:
        raise Wrong(f"the token names the app {named[1]}, the connection is of {patient.app_id}", _NEW_APP_LEVEL)
    if patient.other_sockets >= MOST_SOCKETS - 1:
        raise Wrong(
            f"the app has {patient.other_sockets} connections open of {MOST_SOCKETS} that Slack allows",
            "stop what else uses SLACK_APP_TOKEN: each such program takes a part of the events",
        )
    return f"connected and greeted; {patient.other_sockets} other connections of the app are open"


@asynccontextmanager
async def listening(patient: Patient) -> AsyncIterator[tuple[dict[str, Any], aiohttp.ClientWebSocketResponse]]:
    """Slack's greeting, and the connection it came over. Raises Wrong where there is none."""
    try:
        url = (await patient.app_client().apps_connections_open(app_token=patient.settings.slack_app_token))["url"]
    except SlackApiError as error:
        raise Wrong(f"Slack refuses SLACK_APP_TOKEN: {error_of(error)}", _NEW_APP_LEVEL) from None
    try:
        async with patient.session.ws_connect(url) as connection:
            yield await _hello(connection), connection
    except (aiohttp.ClientError, TimeoutError) as error:
        raise Wrong(
            f"the connection to {url.partition('?')[0]} fails ({type(error).__name__})",
            "let WebSockets out (wss, port 443) to Slack, through the proxy too if there is one",
        ) from None


async def _hello(connection: aiohttp.ClientWebSocketResponse) -> dict[str, Any]:
    async with asyncio.timeout(HELLO_SECONDS):
        greeting: dict[str, Any] = json.loads(await connection.receive_str())
    if greeting.get("type") == "hello":
        return greeting
    reason = str(greeting.get("reason"))
    fix = "switch Socket Mode on under Socket Mode" if reason == "link_disabled" else "try again in a minute"
    raise Wrong(f"Slack ends the connection at once: {reason}", fix)


async def incident_channel(patient: Patient) -> str:
    channel = patient.settings.incident_channel
    if not channel:
        raise Skipped("TRIAGE_INCIDENT_CHANNEL is not set: incidents opened over the REST API get no card")
    patient.require_identity()
    problem = await channel_problem(patient.client, channel)
    if problem is None:
        return f"the bot is in {channel}"
    if problem == "not_in_channel" and "channels:join" in patient.scopes:
        return f"the bot is not in {channel} yet, and joins it with its first card"
    if problem == "missing_scope":
        raise Wrong(f"{channel} cannot be read", "add the scopes named above")
    raise Wrong(f"TRIAGE_INCIDENT_CHANNEL={channel}: {problem}", CHANNEL_FIX)
