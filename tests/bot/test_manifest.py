"""The manifest against the code, in both directions: what is asked for is used, and what is used is asked for."""

import ast
import re
from pathlib import Path

import pytest
import yaml
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.observability.metrics import Metrics
from bot.slack.app import build_bolt_app
from bot.slack.delivery import BotIdentity, Desk
from sandbox.manifest import load_manifest

ROOT = Path(__file__).parents[2]
MANIFEST = ROOT / "manifest.yml"

# From Slack's reference pages: the bot scopes each method needs, any one of a tuple's alternatives first in use here.
METHOD_SCOPES = {
    "auth.test": set(),
    "apps.connections.open": set(),  # the app-level token's connections:write
    "chat.delete": {"chat:write"},
    "chat.postMessage": {"chat:write"},
    "chat.postEphemeral": {"chat:write"},
    "chat.update": {"chat:write"},
    "conversations.history": {"channels:history", "groups:history"},
    "conversations.replies": {"channels:history", "groups:history"},
    "conversations.join": {"channels:join"},
    "files.delete": {"files:write"},
    "files.info": {"files:read"},
    "files.getUploadURLExternal": {"files:write"},
    "files.completeUploadExternal": {"files:write"},
    "views.open": set(),
    "views.publish": set(),
}
EVENT_SCOPES = {
    "app_home_opened": set(),
    "app_mention": {"app_mentions:read"},
    "file_shared": {"files:read"},
    "message.channels": {"channels:history"},
    "message.groups": {"groups:history"},
}
COMMAND_SCOPES = {"commands"}


@pytest.fixture(scope="module")
def manifest():
    return yaml.safe_load(MANIFEST.read_text())


@pytest.fixture(scope="module")
def source():
    return {path: ast.parse(path.read_text()) for path in (ROOT / "bot").rglob("*.py")}


def decorated_with(source, listener):
    """The first arguments of `@app.<listener>(…)` in the listeners, by name or by what the name stands for."""
    found = set()
    for tree in source.values():
        for node in ast.walk(tree):
            if isinstance(node, ast.AsyncFunctionDef):
                for call in node.decorator_list:
                    if isinstance(call, ast.Call) and ast.unparse(call.func) == f"app.{listener}":
                        found.add(named(call.args[0]))
    return found


def named(argument):
    if isinstance(argument, ast.Constant):
        return argument.value
    from bot.slack.blocks import modals

    return getattr(modals, argument.attr)


def methods_called(source):
    """Every Web API method the bot calls, as Slack writes it; `files_upload_v2` is two of them and an upload."""
    known = {name for name in dir(AsyncWebClient) if re.fullmatch(r"[a-z]+(_[a-zA-Z0-9]+)+", name)}
    called = set()
    for tree in source.values():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                owner = ast.unparse(node.func.value)
                if owner.endswith("client") and node.func.attr in known:
                    called.add(node.func.attr)
    if "files_upload_v2" in called:
        called = called - {"files_upload_v2"} | {"files_getUploadURLExternal", "files_completeUploadExternal"}
    return {name.replace("_", ".", 1) if name.count("_") == 1 else name.replace("_", ".") for name in called}


def action_ids_in_blocks(source):
    """The ids of buttons and menus; inputs of a form are read when it is submitted and have no listener."""
    ids = set()
    for path, tree in source.items():
        if path.parent.name == "blocks":
            for node in ast.walk(tree):
                if isinstance(node, ast.Call) and ast.unparse(node.func) == "button":
                    ids.add(node.args[1].value)
                if isinstance(node, ast.Dict):
                    entry = {
                        k.value: v for k, v in zip(node.keys, node.values, strict=True) if isinstance(k, ast.Constant)
                    }
                    if isinstance(entry.get("type"), ast.Constant) and entry["type"].value == "overflow":
                        ids.add(entry["action_id"].value)
    return ids


def test_every_subscription_has_a_listener_and_every_listener_a_subscription(manifest, source):
    subscribed = set(manifest["settings"]["event_subscriptions"]["bot_events"])
    heard = decorated_with(source, "event")
    assert {event.partition(".")[0] for event in subscribed} == heard
    assert subscribed == set(EVENT_SCOPES)


def test_every_command_and_shortcut_has_a_listener_and_the_other_way_round(manifest, source):
    commands = {command["command"] for command in manifest["features"]["slash_commands"]}
    shortcuts = {shortcut["callback_id"] for shortcut in manifest["features"]["shortcuts"]}
    assert commands == decorated_with(source, "command")
    assert shortcuts == decorated_with(source, "shortcut")


def test_every_method_called_is_known_with_its_scopes(source):
    assert methods_called(source) == set(METHOD_SCOPES)


def test_the_scopes_asked_for_are_those_needed(manifest, source):
    needed = set(COMMAND_SCOPES)
    for method in methods_called(source):
        needed |= METHOD_SCOPES[method]
    for event in manifest["settings"]["event_subscriptions"]["bot_events"]:
        needed |= EVENT_SCOPES[event]
    assert set(manifest["oauth_config"]["scopes"]["bot"]) == needed


def test_every_button_has_a_listener_and_every_listener_a_button(source):
    assert action_ids_in_blocks(source) == decorated_with(source, "action")


def test_every_form_has_a_listener_and_every_listener_a_form(source):
    from bot.slack.blocks import modals

    assert decorated_with(source, "view") == {modals.NEW_INCIDENT, modals.ESCALATE, modals.SEVERITY}


def test_what_the_features_need_is_switched_on(manifest):
    settings = manifest["settings"]
    assert settings["interactivity"]["is_enabled"]
    assert manifest["features"]["app_home"]["home_tab_enabled"]
    urls = [settings["interactivity"]["request_url"], settings["event_subscriptions"]["request_url"]]
    urls += [command["url"] for command in manifest["features"]["slash_commands"]]
    assert {url.rpartition("example.com")[2] for url in urls} == {"/slack/events"}


def test_names_and_texts_keep_slacks_limits(manifest):
    shown = manifest["display_information"]
    assert len(shown["name"]) <= 35
    assert len(shown["description"]) <= 140
    assert 174 <= len(shown["long_description"]) <= 4000
    for shortcut in manifest["features"]["shortcuts"]:
        assert len(shortcut["name"]) <= 24
        assert len(shortcut["description"]) <= 150
    for command in manifest["features"]["slash_commands"]:
        assert len(command["usage_hint"]) <= 1000
        assert len(command["description"]) <= 2000


def test_the_sandbox_takes_the_manifest_as_it_is():
    assert load_manifest(MANIFEST) is not None


def test_the_listeners_are_registered_in_the_app_that_runs():
    """The decorators are read from the source above; this holds them against the app that is built of them."""
    client = AsyncWebClient(token="xoxb-none")
    app = build_bolt_app(client, Desk(None, None, BotIdentity("T1", "U1", "B1")), Metrics())
    assert isinstance(app, AsyncApp)
    names = {listener.ack_function.__name__ for listener in app._async_listeners}
    assert {"incident", "message", "file_shared", "mention", "home_opened", "new_incident", "acknowledge"} <= names
