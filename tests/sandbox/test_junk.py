"""Arguments of the wrong shape are refused; nothing answers 500."""

import pytest

from sandbox.web_api import METHODS

CHANNEL = "C0INCIDENTS"
NAMES = (
    *(
        "channel",
        "channel_id",
        "ts",
        "thread_ts",
        "timestamp",
        "message_ts",
        "text",
        "blocks",
        "metadata",
        "attachments",
    ),
    *(
        "view",
        "view_id",
        "trigger_id",
        "user",
        "users",
        "user_id",
        "file",
        "files",
        "filename",
        "length",
        "name",
        "bot",
    ),
    *("limit", "cursor", "oldest", "latest", "types", "hash", "external_id"),
)
JUNK = [[], [1], {}, {"type": []}, 0, -1, 1e99, True, None, "", "\x00", "{", "[[]]", "💥" * 100, [[{}]], {"id": {}}]


def junk_arguments(value):
    """Everything junk, and the same with what leads further into the method."""
    everything = dict.fromkeys(NAMES, value)
    yield everything
    yield everything | {"channel": CHANNEL, "channel_id": CHANNEL, "text": "a"}


@pytest.mark.asyncio
@pytest.mark.parametrize("name", METHODS)
async def test_a_method_survives_junk(http, sandbox, name):
    sandbox.rates._enabled = False
    token = sandbox.config.app_token if name == "apps.connections.open" else sandbox.config.bot_token
    for value in JUNK:
        for arguments in junk_arguments(value):
            response = await http.post(f"/api/{name}", json=arguments, headers={"authorization": f"Bearer {token}"})
            assert response.status_code == 200, (arguments, response.text)
            assert isinstance(response.json()["ok"], bool)


CALLS = [
    "messages",
    "command",
    "action",
    "view_submit",
    "view_close",
    "shortcut",
    "home",
    "reaction",
    "delete",
    "faults",
    "settings",
]


@pytest.mark.asyncio
@pytest.mark.parametrize("call", CALLS)
async def test_a_call_of_people_survives_junk(http, sandbox, api, call):
    view = {"type": "modal", "title": {"type": "plain_text", "text": "a"}, "blocks": [{"type": "divider"}]}
    view_id = (await api.views_open(trigger_id=sandbox.triggers.issue("U0ALICE"), view=view))["view"]["id"]
    names = ("channel", "ts", "thread_ts", "text", "command", "action_id", "block_id", "value", "values", "callback_id")
    more = ("name", "file", "target", "kind", "scopes", "user_active", "channel_archived")
    for value in JUNK:
        body = dict.fromkeys((*names, *more), value) | {"user": "U0ALICE"}
        for arguments in (body, body | {"view_id": view_id}, body | {"channel": CHANNEL, "user": value}):
            response = await http.post(f"/people/{call}", json=arguments)
            assert response.status_code < 500, (arguments, response.text)
