"""Reading what the page sent, with a clear sentence where it makes no sense."""

from typing import Any

from starlette.requests import Request

from sandbox.assembly import Sandbox
from sandbox.directory import Channel
from sandbox.json_object import JsonObject
from sandbox.messages import Message
from sandbox.refusal import Refused


async def body_of(request: Request) -> JsonObject:
    """Raises Refused("invalid_json") with status 400."""
    try:
        body: Any = await request.json()
    except ValueError as error:
        raise Refused("invalid_json", status=400) from error
    if not isinstance(body, dict):
        raise Refused("invalid_json", status=400)
    return body


class Asked:
    """Who acts where, out of a body or query. Every lookup raises Refused with status 404 for what is not there."""

    def __init__(self, sandbox: Sandbox, fields: JsonObject) -> None:
        self._workspace = sandbox.workspace
        self.fields = fields

    def text(self, name: str) -> str:
        return str(self.fields.get(name) or "")

    @property
    def values(self) -> JsonObject:
        """What the fields hold: block_id -> action_id -> raw value. Raises Refused("invalid_values"), status 400."""
        values: Any = self.fields.get("values") or {}
        if not isinstance(values, dict) or not all(isinstance(each or {}, dict) for each in values.values()):
            raise Refused("invalid_values", status=400)
        return values

    @property
    def user(self) -> str:
        """A person, not the bot, who still belongs to the workspace."""
        user = self._workspace.users.get(self.text("user"))
        if user is None or user.is_bot:
            raise Refused("user_not_found", status=404)
        if not user.active:
            raise Refused("account_inactive", status=403)
        return user.id

    @property
    def channel(self) -> Channel:
        channel = self._workspace.channels.get(self.text("channel"))
        if channel is None or not channel.is_visible_to(self.user):
            raise Refused("channel_not_found", status=404)
        return channel

    @property
    def open_channel(self) -> Channel:
        channel = self.channel
        if channel.is_archived:
            raise Refused("is_archived", status=409)
        return channel

    @property
    def message(self) -> Message:
        message = self._workspace.messages.find(self.channel.id, self.text("ts"))
        if message is None or message.is_tombstone or message.ephemeral_to not in (None, self.user):
            raise Refused("message_not_found", status=404)
        return message

    @property
    def thread_ts(self) -> str | None:
        thread_ts = self.text("thread_ts")
        if thread_ts and self._workspace.messages.find_public(self.channel.id, thread_ts) is None:
            raise Refused("thread_not_found", status=404)
        return thread_ts or None

    @property
    def view(self) -> JsonObject:
        view = self._workspace.views.find(view_id=self.text("view_id"))
        if view is None or self._workspace.views.owner(view) != self.user:
            raise Refused("view_not_found", status=404)
        return view
