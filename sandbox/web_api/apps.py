"""auth.test and apps.connections.open: the app itself, and its way into Socket Mode."""

from sandbox.directory import APP_ID, BOT_ID, BOT_USER_ID, TEAM_NAME
from sandbox.json_object import JsonObject
from sandbox.rates import Tier
from sandbox.web_api.call import Call
from sandbox.web_api.method import Method


def test_auth(call: Call) -> JsonObject:
    return {
        "url": f"{call.sandbox.url}/",
        "team": TEAM_NAME,
        "user": call.sandbox.workspace.users[BOT_USER_ID].name,
        "team_id": call.sandbox.config.team,
        "user_id": BOT_USER_ID,
        "bot_id": BOT_ID,
        "is_enterprise_install": False,
    }


def open_connection(call: Call) -> JsonObject:
    socket_url = call.sandbox.url.replace("http://", "ws://", 1)
    return {"url": f"{socket_url}/link/?ticket={call.sandbox.sockets.issue_ticket()}&app_id={APP_ID}"}


METHODS = (
    Method("auth.test", test_auth, Tier.UNLIMITED),
    Method("apps.connections.open", open_connection, Tier.UNLIMITED),
)
