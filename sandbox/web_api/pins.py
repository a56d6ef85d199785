"""pins.*"""

from sandbox.directory import BOT_USER_ID, Channel
from sandbox.json_object import JsonObject
from sandbox.rates import Tier
from sandbox.refusal import Refused
from sandbox.web_api.call import Call
from sandbox.web_api.method import Method


def add(call: Call) -> JsonObject:
    channel = _channel(call)
    message = call.message(channel, "timestamp")
    if _is_pinned(channel, message.ts):
        raise Refused("already_pinned")
    call.sandbox.workspace.pin(channel, message, BOT_USER_ID)
    return {}


def remove(call: Call) -> JsonObject:
    channel = _channel(call)
    message = call.message(channel, "timestamp")
    if not _is_pinned(channel, message.ts):
        raise Refused("no_pin")
    call.sandbox.workspace.unpin(channel, message, BOT_USER_ID)
    return {}


def list_pins(call: Call) -> JsonObject:
    channel = _channel(call)
    found = [(pin, call.sandbox.workspace.messages.find(channel.id, pin["ts"])) for pin in channel.pins]
    return {"items": [pin | {"message": message.as_slack()} for pin, message in found if message]}


def _channel(call: Call) -> Channel:
    channel = call.channel()
    if BOT_USER_ID not in channel.members:
        raise Refused("not_in_channel")
    return channel


def _is_pinned(channel: Channel, ts: str) -> bool:
    return any(pin["ts"] == ts for pin in channel.pins)


METHODS = (
    Method("pins.add", add, Tier.TWO, ("pins:write",)),
    Method("pins.remove", remove, Tier.TWO, ("pins:write",)),
    Method("pins.list", list_pins, Tier.TWO, ("pins:read",)),
)
