"""reactions.*"""

import re

from sandbox.directory import BOT_USER_ID
from sandbox.json_object import JsonObject
from sandbox.messages import Message
from sandbox.rates import Tier
from sandbox.refusal import Refused
from sandbox.web_api.call import Call
from sandbox.web_api.method import Method

_EMOJI_NAME = re.compile(r"[a-z0-9_+'-]{1,100}(::skin-tone-[2-6])?")


def add(call: Call) -> JsonObject:
    if not call.sandbox.workspace.react(_message(call), BOT_USER_ID, _name(call)):
        raise Refused("already_reacted")
    return {}


def remove(call: Call) -> JsonObject:
    if not call.sandbox.workspace.take_back_reaction(_message(call), BOT_USER_ID, _name(call)):
        raise Refused("no_reaction")
    return {}


def show(call: Call) -> JsonObject:
    message = _message(call)
    return {"type": "message", "channel": message.channel, "message": message.as_slack()}


def _message(call: Call) -> Message:
    channel = call.channel()
    if BOT_USER_ID not in channel.members:
        raise Refused("not_in_channel")
    return call.message(channel, "timestamp")


def _name(call: Call) -> str:
    name = call.text("name").strip(":")
    if not _EMOJI_NAME.fullmatch(name):
        raise Refused("invalid_name")
    return name


METHODS = (
    Method("reactions.add", add, Tier.THREE, ("reactions:write",)),
    Method("reactions.remove", remove, Tier.TWO, ("reactions:write",)),
    Method("reactions.get", show, Tier.THREE, ("reactions:read",)),
)
