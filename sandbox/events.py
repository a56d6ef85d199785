"""Which events the app gets, and the envelope they come in."""

from sandbox.access import Access
from sandbox.clock import Clock
from sandbox.deliveries import Deliveries
from sandbox.directory import APP_ID, BOT_USER_ID
from sandbox.ids import Ids
from sandbox.json_object import JsonObject
from sandbox.manifest import EVENT_SCOPES, Manifest
from sandbox.reply import Envelope

_CHANNEL_TYPES = {"channel": "message.channels", "group": "message.groups", "im": "message.im"}


class Events:
    """An event goes out when the manifest subscribes to it and its scope is granted."""

    def __init__(
        self, manifest: Manifest, access: Access, *, team: str, clock: Clock, ids: Ids, deliveries: Deliveries
    ) -> None:
        self._manifest = manifest
        self._access = access
        self._team = team
        self._clock = clock
        self._ids = ids
        self._deliveries = deliveries

    def announce(self, event: JsonObject) -> None:
        name = subscription(event)
        scope = _scope(name, event)
        if name in self._manifest.events and (scope is None or self._access.grants(scope)):
            self._deliveries.announce(Envelope("events_api", self._wrapped(event)))

    def _wrapped(self, event: JsonObject) -> JsonObject:
        return {
            "token": "sandbox-verification-token",
            "team_id": self._team,
            "context_team_id": self._team,
            "context_enterprise_id": None,
            "api_app_id": APP_ID,
            "event": event,
            "type": "event_callback",
            "event_id": self._ids.fresh("Ev"),
            "event_time": int(self._clock.now()),
            "authorizations": [
                {
                    "enterprise_id": None,
                    "team_id": self._team,
                    "user_id": BOT_USER_ID,
                    "is_bot": True,
                    "is_enterprise_install": False,
                }
            ],
            "is_ext_shared_channel": False,
        }


def _scope(name: str, event: JsonObject) -> str | None:
    """What has to be granted: the scope of `name`, and of groups for what happens in a private channel."""
    if event.get("channel_type") == "G":
        return "groups:read"
    return EVENT_SCOPES.get(name)


def subscription(event: JsonObject) -> str:
    """The name under which a manifest subscribes to `event`."""
    if event["type"] == "message":
        return _CHANNEL_TYPES[event["channel_type"]]
    return str(event["type"])
