"""The app manifest: which commands, shortcuts, events and scopes the app has.

The schema is Slack's (display_information, features, oauth_config, settings); what the
sandbox does not act on is ignored.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from sandbox.json_object import JsonObject

# The scope an event needs besides its subscription.
EVENT_SCOPES: Mapping[str, str] = {
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "group_archive": "groups:read",
    "group_unarchive": "groups:read",
    "message.im": "im:history",
    "app_mention": "app_mentions:read",
    "file_shared": "files:read",
    "file_deleted": "files:read",
    "reaction_added": "reactions:read",
    "reaction_removed": "reactions:read",
    "pin_added": "pins:read",
    "pin_removed": "pins:read",
    "member_joined_channel": "channels:read",
    "member_left_channel": "channels:read",
    "channel_archive": "channels:read",
    "channel_unarchive": "channels:read",
    "user_change": "users:read",
}


class ManifestError(ValueError):
    """The manifest cannot be used; the sentence names the file or the field."""


@dataclass(frozen=True)
class Manifest:
    app_name: str
    bot_name: str
    scopes: tuple[str, ...]
    events: frozenset[str]
    commands: tuple[JsonObject, ...] = ()
    shortcuts: tuple[JsonObject, ...] = ()
    interactivity: bool = True
    home_tab: bool = True
    description: str = ""

    def command(self, name: str) -> JsonObject | None:
        return next((command for command in self.commands if command["command"] == name), None)

    def shortcut(self, callback_id: str) -> JsonObject | None:
        return next((each for each in self.shortcuts if each["callback_id"] == callback_id), None)


DEFAULT_MANIFEST = Manifest(
    app_name="Triage",
    bot_name="Triage",
    scopes=(
        *("app_mentions:read", "channels:history", "channels:join", "channels:read", "chat:write", "commands"),
        *("files:read", "files:write", "groups:history", "groups:read", "im:history", "im:read", "im:write"),
        *("pins:read", "pins:write", "reactions:read", "reactions:write", "team:read", "users:read"),
    ),
    events=frozenset({*EVENT_SCOPES, "app_home_opened"}),
    commands=({"command": "/incident", "description": "Open an incident", "usage_hint": "title"},),
    description="the app of a sandbox that was started without a manifest",
)


def load_manifest(path: Path | None) -> Manifest:
    """The manifest in `path` (YAML or JSON), or a general one for None.

    Raises ManifestError where the file cannot be read or lacks what every manifest has.
    """
    if path is None:
        return DEFAULT_MANIFEST
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ManifestError(f"cannot read the app manifest {path}: {error}") from error
    if not isinstance(document, dict):
        raise ManifestError(f"the app manifest {path} is not a mapping")
    return parse_manifest(document)


def parse_manifest(document: JsonObject) -> Manifest:
    """Raises ManifestError naming the field that is missing or malformed."""
    features = _mapping(document, "features")
    settings = _mapping(document, "settings")
    app_name = str(_required(_mapping(document, "display_information"), "name", "display_information"))
    return Manifest(
        app_name=app_name,
        bot_name=str(_mapping(features, "bot_user").get("display_name", app_name)),
        scopes=tuple(_mapping(_mapping(document, "oauth_config"), "scopes").get("bot") or ()),
        events=frozenset(_mapping(settings, "event_subscriptions").get("bot_events") or ()),
        commands=_entries(features, "slash_commands", needs=("command", "description")),
        shortcuts=_entries(features, "shortcuts", needs=("name", "type", "callback_id")),
        interactivity=bool(_mapping(settings, "interactivity").get("is_enabled", False)),
        home_tab=bool(_mapping(features, "app_home").get("home_tab_enabled", False)),
        description=str(_mapping(document, "display_information").get("description", "")),
    )


def _mapping(parent: JsonObject, key: str) -> JsonObject:
    value: Any = parent.get(key) or {}
    if not isinstance(value, dict):
        raise ManifestError(f"{key} in the app manifest is not a mapping")
    return value


def _required(parent: JsonObject, key: str, where: str) -> Any:
    if not parent.get(key):
        raise ManifestError(f"the app manifest has no {where}.{key}")
    return parent[key]


def _entries(features: JsonObject, key: str, needs: tuple[str, ...]) -> tuple[JsonObject, ...]:
    entries = features.get(key) or []
    for position, entry in enumerate(entries):
        for need in needs:
            _required(entry, need, f"features.{key}[{position}]")
    return tuple(entries)
