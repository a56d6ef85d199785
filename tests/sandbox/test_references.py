import httpx
import pytest

from sandbox.directory import founding_channels, founding_users
from sandbox.references import escaped_command, with_mentions
from sandbox.server import SandboxConfig, running_sandbox
from tests.sandbox.conftest import People

USERS, CHANNELS = founding_users("Triage"), founding_channels(0)
MANIFEST = """
display_information: {name: Pager}
features:
  slash_commands:
    - {command: /escaped, description: escapes, should_escape: true}
    - {command: /raw, description: does not, should_escape: false}
    - {command: /silent, description: says nothing of it}
"""
TYPED = "page @bob in #payments: a < b & c > d, see https://example.com/#/x."


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("ask @bob or @Carol", "ask <@U0BOB|bob> or <@U0CAROL|carol>"),
        ("in #payments and #incidents-private", "in <#C0PAYMENTS|payments> and <#C0PRIVATE|incidents-private>"),
        ("see https://example.com/a#b, now", "see <https://example.com/a#b>, now"),
        ("no a@bob.example, @nobody or #nowhere", "no a@bob.example, @nobody or #nowhere"),
        ("C# & a##payments < 3", "C# & a##payments < 3"),
    ],
)
def test_an_escaped_command(typed, expected):
    assert escaped_command(typed, USERS, CHANNELS) == expected


def test_a_message_names_people_by_id_alone():
    assert with_mentions("@bob, a@bob.example, @nobody", USERS) == "<@U0BOB>, a@bob.example, @nobody"


@pytest.mark.asyncio
async def test_a_command_is_escaped_only_where_the_manifest_asks_for_it(app, tmp_path):
    manifest = tmp_path / "manifest.yml"
    manifest.write_text(MANIFEST)
    config = SandboxConfig(app_url=app.url, manifest=manifest)
    async with running_sandbox(config) as sandbox, httpx.AsyncClient(base_url=sandbox.url) as client:
        people = People(client)
        for command in ("/escaped", "/raw", "/silent"):
            await people.post("command", channel="C0INCIDENTS", command=command, text=TYPED)
        hers = {"user": "U0CAROL", "channel": "C0INCIDENTS", "text": "#incidents-private"}
        await people.post("command", command="/escaped", **hers)
    texts = [delivery.payload["text"] for delivery in app.deliveries]
    escaped = "page <@U0BOB|bob> in <#C0PAYMENTS|payments>: a < b & c > d, see <https://example.com/#/x>."
    assert texts == [escaped, TYPED, TYPED, "#incidents-private"]
