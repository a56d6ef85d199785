"""What people drop by mistake or in malice: one clear sentence in the thread, a row that says why, and the bot goes on."""

import gzip
import hashlib
import hmac
import io
import json
import re
import struct
import time
import zipfile
import zlib

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import func, select

from models.incident import Incident
from models.messaging import InboundEvent
from models.triage import ArtifactState, LogArtifact, RunState, TriageRun
from tests.support.workplace import ALICE, BOB, text_of, workplace

pytestmark = pytest.mark.asyncio

GOOD = b"2026-03-01 10:00:00 ERROR pool: connection pool exhausted\n" * 3
PNG = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + bytes(13) + bytes(2000)
ELF = b"\x7fELF\x02\x01\x01" + bytes(3000)
HTML = b"<!DOCTYPE html>\n<html><head><title>Error</title></head><body>" + b"<p>x</p>\n" * 200 + b"</body></html>"


def zipped(members, compression=zipfile.ZIP_DEFLATED):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, body in members:
            archive.writestr(name, body)
    return buffer.getvalue()


def locked_zip():
    """A member with the encryption flag set: enough for every reader to ask for the password."""
    archive = bytearray(zipped([("app.log", GOOD)]))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = archive.index(signature)
        archive[at + offset] |= 1
    return bytes(archive)


def bomb():
    """A third of a gigabyte of zeros in a third of a megabyte."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    block = bytes(16_000_000)
    return b"".join(packer.compress(block) for _ in range(20)) + packer.flush()


@pytest_asyncio.fixture
async def place(tmp_path, migrated_sqlite_url):
    async with workplace(tmp_path, migrated_sqlite_url) as place:
        yield place


async def rows(place, statement):
    async with place.bot.state.parts.database.read() as session:
        return list(await session.scalars(statement))


REFUSED = {
    "empty.log": (b"", r"empty"),
    "screenshot.png": (PNG, r"picture|image"),
    "server.bin": (ELF, r"program|executable"),
    "page.html": (HTML, r"HTML|web page"),
    "locked.zip": (locked_zip(), r"password"),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_what_is_no_log_gets_one_sentence_and_no_finding(place, name):
    body, words = REFUSED[name]
    card = await place.open_incident()
    await place.upload((name, body), thread_ts=card["ts"])
    shown = text_of(await place.triage(card))
    about = [line for line in shown.splitlines() if name in line and ":warning:" in line]
    assert len(about) == 1, shown
    assert re.search(words, about[0], re.IGNORECASE), about
    assert "*Likely*" not in shown
    assert "*Confirmed*" not in shown
    await still_works(place)


PARTLY = {
    "cut.log.gz": (lambda: gzip.compress(GOOD * 2000)[:-40], r"ends too early"),
    "many.zip": (lambda: zipped((f"pod-{n}.log", GOOD) for n in range(1000)), r"of its 1,000"),
    "bomb.gz": (bomb, r"more than|times|larger|limit"),
}


@pytest.mark.parametrize("name", PARTLY)
async def test_what_is_read_in_part_says_so(place, name):
    make, words = PARTLY[name]
    card = await place.open_incident()
    await place.upload((name, make()), thread_ts=card["ts"])
    shown = text_of(await place.triage(card))
    about = [line for line in shown.splitlines() if ":warning:" in line]
    assert any(re.search(words, line, re.IGNORECASE) for line in about), shown
    await still_works(place)


READ = {
    "wide.log": ("﻿".encode("utf-16-le") + GOOD.decode().encode("utf-16-le")),
    "nul.log": GOOD.replace(b"pool: ", b"\x00\x00pool: \x00"),
    "../../etc/passwd.log": GOOD,
    "*bold* <!channel> `x`.log": GOOD,
}


@pytest.mark.parametrize("name", READ)
async def test_odd_files_are_read_and_their_names_do_no_harm(place, name):
    card = await place.open_incident()
    await place.upload((name, READ[name]), thread_ts=card["ts"])
    message = await place.triage(card)
    assert "connection pool exhausted" in text_of(message)
    everything = json.dumps([message, *await place.messages(thread_ts=card["ts"])])
    assert "<!channel>" not in everything.replace(json.dumps(name)[1:-1], "")
    kept = await rows(place, select(LogArtifact))
    assert "/" not in kept[0].name
    assert ".." not in kept[0].storage_key


async def test_a_single_line_of_200_mb_is_counted_whole_and_quoted_short(place):
    card = await place.open_incident()
    await place.upload(("long.log", b"ERROR " + b"x" * 200_000_000), thread_ts=card["ts"])
    message = await place.triage(card)
    assert "1 line –" in text_of(message)
    assert len(text_of(message)) < 4_000
    await still_works(place)


async def test_a_file_over_the_limit_is_not_fetched(tmp_path, migrated_sqlite_url):
    async with workplace(tmp_path, migrated_sqlite_url, max_upload_bytes=5_000) as place:
        card = await place.open_incident()
        await place.upload(("huge.log", GOOD * 1000), thread_ts=card["ts"])
        assert "larger than the limit" in text_of(await place.triage(card))
        artifact = (await rows(place, select(LogArtifact)))[0]
        assert artifact.state == ArtifactState.REJECTED
        assert "TRIAGE_MAX_UPLOAD_BYTES" in artifact.reason
        assert [p for p in (tmp_path / "state" / "artifacts").rglob("*") if p.is_file()] == []
        await place.upload(("small.log", GOOD), thread_ts=card["ts"])
        await place.triage(card, saying="pool exhausted")


async def test_a_deleted_file_is_explained(place):
    card = await place.open_incident()
    await place.http.post("/people/faults", json={"target": "files.info", "kind": "error", "error": "file_not_found"})
    uploaded = await place.upload(("gone.log", GOOD), thread_ts=card["ts"])
    await place.http.post("/people/delete", json={"user": ALICE, "file": uploaded["files"][0]["id"]})
    assert "deleted" in text_of(await place.triage(card))


async def test_without_the_scope_the_login_page_is_recognised(place):
    scopes = (await place.http.get("/people/state", params={"user": ALICE})).json()["app"]["scopes"]
    card = await place.open_incident()
    await place.http.post("/people/settings", json={"scopes": [s for s in scopes if s != "files:read"]})
    await place.upload(("app.log", GOOD), thread_ts=card["ts"])
    shown = text_of(await place.triage(card))
    assert "files:read" in shown
    await place.http.post("/people/settings", json={"scopes": scopes})
    await place.press(await place.triage(card), "triage_rerun")
    await place.triage(card, saying="pool exhausted")


async def test_the_token_follows_no_redirect_off_slacks_hosts(place):
    card = await place.open_incident()
    await place.http.post(
        "/people/faults", json={"target": "download", "kind": "redirect", "location": "http://127.0.0.2:9/steal"}
    )
    await place.upload(("app.log", GOOD), thread_ts=card["ts"])
    assert "the token was not sent there" in text_of(await place.triage(card))


async def test_an_upload_outside_any_incident_is_explained_to_its_owner_alone(place):
    await place.upload(("app.log", GOOD), user=BOB)
    await place.whisper("not in an incident's thread", user=BOB)
    assert not any("not in an incident" in m["text"] for m in await place.messages(user=ALICE))
    outcomes = await rows(place, select(InboundEvent.outcome).where(InboundEvent.kind == "event:message"))
    assert outcomes == ["ignored: the upload is outside any incident's thread"]
    assert await rows(place, select(TriageRun)) == []


async def test_an_expired_trigger_is_answered_and_opens_nothing(place):
    await place.http.post(
        "/people/faults", json={"target": "views.open", "kind": "error", "error": "expired_trigger_id"}
    )
    await place.command("")
    await place.whisper("too late")
    assert await rows(place, select(Incident)) == []


def signed(place, body, *, at=None, secret=None):
    stamp = str(int(at or time.time()))
    key = (secret or place.sandbox.config.signing_secret).encode()
    signature = "v0=" + hmac.new(key, f"v0:{stamp}:".encode() + body, hashlib.sha256).hexdigest()
    return {"x-slack-request-timestamp": stamp, "x-slack-signature": signature, "content-type": "application/json"}


def event(event_id, **event):
    return json.dumps(
        {"type": "event_callback", "team_id": "T0SANDBOX", "event_id": event_id, "event_time": 1, "event": event}
    ).encode()


async def deliver(place, body, headers):
    async with httpx.AsyncClient() as client:
        return await client.post(place.sandbox.config.app_url, content=body, headers=headers)


async def test_unsigned_and_stale_requests_are_refused(place):
    body = event("Ev1", type="app_mention", user=ALICE, text="help", channel="C0INCIDENTS", ts="1.1")
    unsigned = await deliver(place, body, {"content-type": "application/json"})
    forged = await deliver(place, body, signed(place, body, secret="another secret"))
    stale = await deliver(place, body, signed(place, body, at=time.time() - 600))
    garbage = b"\xff\xfe not json"
    unreadable = await deliver(place, garbage, signed(place, garbage))
    assert [r.status_code for r in (unsigned, forged, stale, unreadable)] == [401, 401, 401, 400]
    assert await rows(place, select(InboundEvent)) == []


async def test_a_body_of_50_mb_is_refused(place):
    body = b"x" * 50_000_000
    try:
        status = (await deliver(place, body, signed(place, body))).status_code
    except httpx.WriteError:  # the server had answered and hung up before everything was sent
        status = 413
    assert status == 413
    await place.open_incident()


async def test_a_duplicate_event_id_is_worked_on_once(place):
    card = await place.open_incident()
    uploaded = await place.upload(("app.log", GOOD), thread_ts=card["ts"])
    await place.triage(card)
    files = uploaded["files"]
    for event_id in ("Ev42", "Ev42", "Ev43"):
        body = event(
            event_id, type="message", subtype="file_share", user=ALICE, channel="C0INCIDENTS", ts="9.9",
            thread_ts=card["ts"], files=files,
        )  # fmt: skip
        assert (await deliver(place, body, signed(place, body))).status_code == 200
    assert await rows(place, select(func.count()).select_from(TriageRun)) == [1]
    events = await rows(place, select(InboundEvent.outcome).where(InboundEvent.id.in_(("Ev42", "Ev43"))))
    assert events == ["ignored: these files are known already"] * 2


async def still_works(place):
    """The bot is as it was: the next good file gets its report, and no run was left hanging."""
    card = await place.open_incident("another incident")
    await place.upload(("good.log", b"2026-03-01 09:00:00 FATAL ledger: segment 9 is corrupt\n"), thread_ts=card["ts"])
    await place.triage(card, saying="segment 9 is corrupt")
    states = await rows(place, select(TriageRun.state))
    assert RunState.RUNNING not in states
    assert RunState.QUEUED not in states
