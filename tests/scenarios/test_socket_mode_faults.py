"""Socket Mode fails in the middle of uploads: every upload ends with a report all the same."""

import asyncio

import pytest

from bot.slack import socket_connection, socket_mode
from tests.support.workplace import text_of, workplace

pytestmark = pytest.mark.asyncio

INCIDENTS_WITH_UPLOADS = 3


def log(number, upload):
    return f"2026-03-01 10:0{upload}:00 ERROR pool: shard {number}{upload} of the ledger is exhausted\n".encode() * 3


@pytest.mark.parametrize("fault", [{"kind": "drop"}, {"kind": "silent", "seconds": 2}, {"kind": "disconnect"}])
async def test_every_upload_ends_with_a_report(tmp_path, migrated_sqlite_url, monkeypatch, fault):
    async with workplace(tmp_path, migrated_sqlite_url, mode="socket", sandbox={"retry_scale": 0.02}) as place:
        cards = [await place.open_incident(f"ledger {number} is failing") for number in range(INCIDENTS_WITH_UPLOADS)]
        # Only now: on a busy machine so little patience gives a sound connection up too, and nobody repeats a command.
        for name, seconds in (("PROBE_SECONDS", 0.2), ("STALE_SECONDS", 0.6)):
            monkeypatch.setattr(socket_connection, name, seconds)
        monkeypatch.setattr(socket_mode, "WATCH_SECONDS", 0.1)

        async def upload(number, card):
            for of in (1, 2):
                await place.upload((f"{of}.log", log(number, of)), thread_ts=card["ts"])
                if of == 1 and number == 1:
                    await place.http.post("/people/faults", json={"target": "socket"} | fault)

        await asyncio.gather(*(upload(number, card) for number, card in enumerate(cards)))
        for number, card in enumerate(cards):
            report = text_of(await place.triage(card, saying="2 files"))
            assert f"shard {number}" in report
