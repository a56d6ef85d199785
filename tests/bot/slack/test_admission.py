"""A flood: what is let in is acknowledged, the rest refused at once without being read, and the bot stays well."""

import asyncio
import time

import httpx
import pytest

from bot.slack import admission
from bot.slack.admission import Admission
from sandbox.http_delivery import sign
from tests.bot.slack.deliveries import command, encoded, event
from tests.support.workplace import workplace

pytestmark = pytest.mark.asyncio

EVENT, FORM = "application/json", "application/x-www-form-urlencoded"


class SlowApp:
    """Holds every request until it is let go."""

    def __init__(self):
        self.under_way = 0
        self.go_on = asyncio.Event()

    async def __call__(self, _scope, _receive, send):
        self.under_way += 1
        try:
            await self.go_on.wait()
        finally:
            self.under_way -= 1
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})


async def ask(app, path=admission.PATH, content_type=EVENT):
    """The status; who reads the body of what is refused fails."""
    scope = {"type": "http", "path": path, "headers": [(b"content-type", content_type.encode())]}
    sent = []

    async def receive():
        raise AssertionError("the body was read")

    async def send(message):
        sent.append(message)

    await app(scope, receive, send)
    return sent[0]["status"]


async def test_beyond_its_places_a_delivery_is_refused_unread_and_places_become_free_again(monkeypatch):
    monkeypatch.setattr(admission, "MOST_EVENTS_AT_ONCE", 3)
    monkeypatch.setattr(admission, "MOST_AT_ONCE", 5)
    slow = SlowApp()
    app = Admission(slow)
    events = [asyncio.create_task(ask(app)) for _ in range(3)]
    await asyncio.sleep(0)
    assert await ask(app) == 503
    forms = [asyncio.create_task(ask(app, content_type=FORM)) for _ in range(2)]  # places that are theirs alone
    await asyncio.sleep(0)
    assert slow.under_way == 5
    assert await ask(app, content_type=FORM) == 503
    health = asyncio.create_task(ask(app, path="/healthz"))
    await asyncio.sleep(0)
    assert slow.under_way == 6
    slow.go_on.set()
    assert await asyncio.gather(*events, *forms, health) == [200] * 6
    assert await ask(app) == 200


async def test_a_request_that_fails_gives_its_place_back(monkeypatch):
    monkeypatch.setattr(admission, "MOST_EVENTS_AT_ONCE", 1)

    async def failing(_scope, _receive, _send):
        raise RuntimeError("not today")

    app = Admission(failing)
    for _ in range(3):
        with pytest.raises(RuntimeError):
            await ask(app)


async def test_in_a_flood_each_delivery_is_acknowledged_or_refused_and_the_refused_come_again(
    tmp_path, migrated_url, monkeypatch
):
    monkeypatch.setattr(admission, "MOST_EVENTS_AT_ONCE", 10)
    monkeypatch.setattr(admission, "MOST_AT_ONCE", 20)
    async with workplace(tmp_path, migrated_url) as place:
        address = place.sandbox.config.app_url
        limits = httpx.Limits(max_connections=None)
        async with httpx.AsyncClient(limits=limits, timeout=30) as client:

            async def deliver(body):
                text, content_type = encoded(body)
                headers = signed(place, text) | {"content-type": content_type}
                return (await client.post(address, content=text, headers=headers)).status_code

            waiting = [event("message", text=str(number)) for number in range(150)]
            first = await asyncio.gather(*map(deliver, waiting))
            assert set(first) == {200, 503}
            assert (await client.get(address.replace("/slack/events", "/healthz"))).status_code == 200
            assert await deliver(command("help")) == 200
            for _ in range(100):
                waiting = [body for body, status in zip(waiting, first, strict=True) if status == 503]
                if not waiting:
                    break
                first = await asyncio.gather(*map(deliver, waiting))
            assert waiting == []


def signed(place, text):
    stamp = str(int(time.time()))
    return {
        "x-slack-request-timestamp": stamp,
        "x-slack-signature": sign(place.sandbox.config.signing_secret, stamp, text.encode()),
    }
