"""The payloads of commands, actions, views and shortcuts, as the app gets them."""

from typing import Any

from sandbox.assembly import Sandbox
from sandbox.directory import APP_ID, TEAM_DOMAIN
from sandbox.json_object import JsonObject
from sandbox.messages import Message

_VERIFICATION_TOKEN = "sandbox-verification-token"  # noqa: S105 - the deprecated field; apps verify the signature instead

# What stands in for the name of a conversation that not everyone may know.
_UNNAMED = {"group": "privategroup", "im": "directmessage"}


class Payloads:
    """Each payload comes with a fresh trigger id; those about a place with a response URL."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def command(self, user: str, channel: str, command: str, text: str, response_key: str) -> JsonObject:
        """All strings, as a form carries them."""
        return {
            "token": _VERIFICATION_TOKEN,
            "team_id": self._sandbox.config.team,
            "team_domain": TEAM_DOMAIN,
            "channel_id": channel,
            "channel_name": self._channel(channel)["name"],
            "user_id": user,
            "user_name": self._sandbox.workspace.users[user].name,
            "command": command,
            "text": text,
            "api_app_id": APP_ID,
            "is_enterprise_install": "false",
            "response_url": self._response_url(response_key),
            "trigger_id": self._sandbox.triggers.issue(user),
        }

    def message_action(
        self, user: str, message: Message, shown: JsonObject, action: JsonObject, state: JsonObject
    ) -> JsonObject:
        """`shown` is the version of `message` that was acted on."""
        payload = self._interaction("block_actions", user) | self._about(user, message) | {"message": shown}
        payload |= {"container": _container(message), "state": {"values": state}, "actions": [action]}
        if message.ephemeral_to:
            del payload["message"]
        return payload

    def view_action(self, user: str, view: JsonObject, action: JsonObject) -> JsonObject:
        payload = self._interaction("block_actions", user)
        container = {"type": "view", "view_id": view["id"]}
        return payload | {"container": container, "view": view, "actions": [action]}

    def view_submission(self, user: str, view: JsonObject) -> JsonObject:
        return self._interaction("view_submission", user) | {"view": view, "response_urls": []}

    def view_closed(self, user: str, view: JsonObject, *, cleared: bool) -> JsonObject:
        payload = self._interaction("view_closed", user) | {"view": view, "is_cleared": cleared}
        del payload["trigger_id"]
        return payload

    def global_shortcut(self, user: str, callback_id: str) -> JsonObject:
        return self._interaction("shortcut", user) | {"callback_id": callback_id, "action_ts": self._ts()}

    def message_shortcut(self, user: str, callback_id: str, message: Message) -> JsonObject:
        payload = self._interaction("message_action", user) | self._about(user, message)
        return payload | {"callback_id": callback_id, "message_ts": message.ts, "action_ts": self._ts()}

    def options(self, user: str, element: JsonObject, block_id: str, value: str, place: JsonObject) -> JsonObject:
        payload = self._interaction("block_suggestion", user)
        del payload["trigger_id"]
        return payload | {"action_id": element["action_id"], "block_id": block_id, "value": value} | place

    def place_of(self, place: Message | JsonObject) -> JsonObject:
        """Where an element is, for a request for options."""
        if isinstance(place, Message):
            return {"container": _container(place), "channel": self._channel(place.channel)}
        return {"container": {"type": "view", "view_id": place["id"]}, "view": place}

    def _interaction(self, kind: str, user: str) -> JsonObject:
        team = self._sandbox.config.team
        name = self._sandbox.workspace.users[user].name
        return {
            "type": kind,
            "team": {"id": team, "domain": TEAM_DOMAIN},
            "enterprise": None,
            "is_enterprise_install": False,
            "user": {"id": user, "username": name, "name": name, "team_id": team},
            "api_app_id": APP_ID,
            "token": _VERIFICATION_TOKEN,
            "trigger_id": self._sandbox.triggers.issue(user),
        }

    def _about(self, user: str, message: Message) -> JsonObject:
        key = self._sandbox.response_urls.issue(
            user, message.channel, message_ts=message.ts, thread_ts=message.thread_ts
        )
        return {
            "channel": self._channel(message.channel),
            "message": message.as_slack(with_metadata=True),
            "response_url": self._response_url(key),
        }

    def _channel(self, channel_id: str) -> dict[str, Any]:
        channel = self._sandbox.workspace.channels[channel_id]
        return {"id": channel.id, "name": _UNNAMED.get(channel.kind, channel.name)}

    def _response_url(self, key: str) -> str:
        return f"{self._sandbox.url}/response/{key}"

    def _ts(self) -> str:
        return self._sandbox.ids.message_ts()


def _container(message: Message) -> JsonObject:
    container: JsonObject = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": message.channel,
        "is_ephemeral": message.ephemeral_to is not None,
    }
    return container | ({"thread_ts": message.thread_ts} if message.thread_ts else {})
