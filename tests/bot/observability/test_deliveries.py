"""Deliveries as they are counted: a few kinds and a few outcomes, whatever comes."""

import httpx
import pytest

from bot.observability.deliveries import EVENTS, kind_of
from tests.bot.observability.test_metrics import counted
from tests.support.workplace import MANIFEST, workplace

KINDS = [
    ({"type": "event_callback", "event": {"type": "message"}}, "event:message"),
    ({"type": "event_callback", "event": {"type": "made_up_" * 9}}, "event:other"),
    ({"type": "event_callback"}, "event:other"),
    ({"command": "/incident"}, "command"),
    ({"type": "block_actions"}, "action"),
    ({"type": "view_submission"}, "view"),
    ({"type": "message_action"}, "shortcut"),
    ({"type": "whatever"}, "other"),
    ({}, "other"),
]


@pytest.mark.parametrize(("body", "kind"), KINDS)
def test_a_delivery_has_one_of_few_kinds(body, kind):
    assert kind_of(body) == kind


def test_every_event_that_the_manifest_subscribes_to_is_told_apart():
    import yaml

    subscribed = yaml.safe_load(MANIFEST.read_text())["settings"]["event_subscriptions"]["bot_events"]
    assert {event.partition(".")[0] for event in subscribed} == EVENTS


@pytest.mark.asyncio
@pytest.mark.parametrize("mode", ["http", "socket"])
async def test_what_came_before_and_what_nobody_asked_for_are_told_apart(tmp_path, migrated_sqlite_url, mode):
    async with workplace(tmp_path, migrated_sqlite_url, mode=mode) as place:
        metrics = place.bot.state.parts.metrics
        place.sandbox.faults.add("delivery", "duplicate", count=2)
        await place.say("nothing to see here")

        async def both():
            seen = counted(metrics)
            outcomes = {
                key[2]: value for key, value in seen.items() if key[:2] == ("triage_deliveries_total", "event:message")
            }
            return outcomes if "duplicate" in outcomes else None

        outcomes = await place.until(both)
        seen = counted(metrics)
    assert outcomes == {"ignored": 1, "duplicate": 1}
    transport = "http" if mode == "http" else "socket"
    assert seen["triage_acknowledgement_seconds_count", transport] == 2


@pytest.mark.asyncio
async def test_what_is_refused_and_what_fails_are_told_apart(tmp_path, migrated_sqlite_url, monkeypatch):
    async with workplace(tmp_path, migrated_sqlite_url) as place:
        metrics = place.bot.state.parts.metrics
        await place.command("resolve INC-99")
        async with httpx.AsyncClient() as http:
            await http.post(place.sandbox.config.app_url, content=b"x" * 2_000_000)

        async def broken(*_args, **_options):
            raise RuntimeError("a fault of ours")

        monkeypatch.setattr("services.incidents.incident_service.create_incident", broken)
        await place.command("checkout is failing sev1")
        seen = counted(metrics)
    assert seen["triage_deliveries_total", "command", "refused"] == 1
    assert seen["triage_deliveries_total", "command", "failed"] == 1
    assert seen["triage_deliveries_total", "unread", "refused"] == 1
    assert seen["triage_logged_errors_total", "bot.slack.receiving"] == 1
