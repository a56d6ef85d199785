"""What Slack delivers twice, late or not at all."""

import pytest
import yaml
from sqlalchemy import select

from models.messaging import InboundEvent
from models.triage import LogArtifact, TriageRun
from services.triage import intake
from tests.support.workplace import BOB, INCIDENTS, MANIFEST, text_of, workplace

pytestmark = pytest.mark.asyncio

LOG = b"2026-03-01 10:01:00 ERROR pool: connection pool exhausted\n" * 3


async def rows(place, statement):
    async with place.bot.state.parts.database.read() as session:
        return list(await session.scalars(statement))


@pytest.fixture
def without_message_events(tmp_path):
    """A manifest in which the message that carries an upload never arrives, only the second event of the upload does."""
    manifest = yaml.safe_load(MANIFEST.read_text())
    events = manifest["settings"]["event_subscriptions"]
    events["bot_events"] = [event for event in events["bot_events"] if not event.startswith("message.")]
    path = tmp_path / "manifest.yml"
    path.write_text(yaml.safe_dump(manifest))
    return path


async def test_an_upload_whose_message_is_lost_is_found_by_its_second_event(
    tmp_path, migrated_url, without_message_events, monkeypatch
):
    monkeypatch.setattr(intake, "LOCATE_AFTER_SECONDS", 0.1)
    async with workplace(tmp_path, migrated_url, sandbox={"manifest": without_message_events}) as place:
        card = await place.open_incident()
        await place.upload(("app.log", LOG), thread_ts=card["ts"], user=BOB)
        assert "app.log:1" in text_of(await place.triage(card))
        assert await rows(place, select(LogArtifact.uploaded_by)) == [BOB]
        assert await rows(place, select(InboundEvent.kind).where(InboundEvent.kind.like("event:%"))) == [
            "event:file_shared"
        ]


async def test_the_second_event_of_an_upload_that_arrived_starts_nothing(tmp_path, migrated_url, monkeypatch):
    monkeypatch.setattr(intake, "LOCATE_AFTER_SECONDS", 0.1)
    async with workplace(tmp_path, migrated_url) as place:
        card = await place.open_incident()
        await place.upload(("app.log", LOG), thread_ts=card["ts"], stub=True)
        await place.triage(card)

        async def both_came():
            kinds = await rows(place, select(InboundEvent.kind))
            return {"event:message", "event:file_shared"} <= set(kinds)

        await place.until(both_came)
        await place.upload(("later.log", LOG), thread_ts=card["ts"])
        await place.triage(card, saying="2 files")
        assert len(await rows(place, select(TriageRun.id))) == 2
        assert len(await rows(place, select(LogArtifact.id))) == 2


@pytest.mark.parametrize("fault", ["duplicate", "lost"])
async def test_a_delivery_that_comes_twice_is_worked_on_once(tmp_path, migrated_url, fault):
    async with workplace(tmp_path, migrated_url) as place:
        card = await place.open_incident()
        faults = {"target": "delivery", "kind": fault, "count": 2}
        assert (await place.http.post("/people/faults", json=faults)).status_code == 200
        await place.upload(("app.log", LOG), thread_ts=card["ts"])
        await place.triage(card)
        assert len(await rows(place, select(TriageRun.id))) == 1


async def test_a_private_channel_without_the_bot_is_explained_to_the_reporter(tmp_path, migrated_url):
    async with workplace(tmp_path, migrated_url) as place:
        private = next(
            c["id"]
            for c in (await place.http.get("/people/state", params={"user": BOB})).json()["channels"]
            if c["name"] == "incidents-private"
        )
        assert (await place.command("payments are down", user=BOB, channel=private))["ok"]

        async def told():
            state = (await place.http.get("/people/state", params={"user": BOB})).json()
            direct = [
                c["id"] for c in [*state["channels"], *state.get("direct_messages", [])] if c["id"].startswith("D")
            ]
            for channel in direct:
                for message in await place.messages(user=BOB, channel=channel):
                    if "did not let me post its card" in message["text"]:
                        return message["text"]
            return None

        assert "`/invite @Triage`" in await place.until(told)
        assert private != INCIDENTS
