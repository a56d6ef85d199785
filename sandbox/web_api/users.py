"""users.*, bots.info, team.info: who is there."""

from sandbox.directory import APP_ID, BOT_ID, BOT_USER_ID, TEAM_DOMAIN, TEAM_NAME
from sandbox.json_object import JsonObject
from sandbox.rates import Tier
from sandbox.refusal import Refused
from sandbox.web_api.call import Call
from sandbox.web_api.method import Method


def show(call: Call) -> JsonObject:
    user = call.sandbox.workspace.users.get(call.required("user"))
    if user is None:
        raise Refused("user_not_found")
    return {"user": user.as_slack(call.sandbox.config.team)}


def list_users(call: Call) -> JsonObject:
    page, next_cursor = call.page([*call.sandbox.workspace.users.values()])
    members = [user.as_slack(call.sandbox.config.team) for user in page]
    return {"members": members, "response_metadata": {"next_cursor": next_cursor}}


def show_bot(call: Call) -> JsonObject:
    if call.text("bot") not in ("", BOT_ID):
        raise Refused("bot_not_found")
    name = call.sandbox.manifest.bot_name
    bot = {"id": BOT_ID, "app_id": APP_ID, "user_id": BOT_USER_ID, "name": name, "deleted": False, "icons": {}}
    return {"bot": bot}


def show_team(call: Call) -> JsonObject:
    return {"team": team_object(call.sandbox.config.team)}


def team_object(team: str) -> JsonObject:
    return {"id": team, "name": TEAM_NAME, "domain": TEAM_DOMAIN, "email_domain": "", "icon": {}}


METHODS = (
    Method("users.info", show, Tier.FOUR, ("users:read",)),
    Method("users.list", list_users, Tier.TWO, ("users:read",)),
    Method("bots.info", show_bot, Tier.THREE, ("users:read",)),
    Method("team.info", show_team, Tier.THREE, ("team:read",)),
)
