"""Uploads from Slack: their bytes or a sentence why not, and the token to nobody but Slack."""

import asyncio
from contextlib import asynccontextmanager

import httpx
import pytest
import pytest_asyncio

from bot.slack import file_source
from bot.slack.file_source import SlackFileSource
from services.errors import FileTooLarge, FileUnavailable, PassingFault

pytestmark = pytest.mark.asyncio

LOG = b"2026-03-01 10:51:07 ERROR pool: connection pool exhausted\n" * 20_000  # several chunks
LIMIT_BYTES = 10_000_000


@pytest_asyncio.fixture
async def source(slack):
    hosts = ["files.slack.com", slack.sandbox.url.removeprefix("http://").upper()]
    async with httpx.AsyncClient(follow_redirects=False) as http:
        yield SlackFileSource(slack.client, http, file_hosts=hosts, max_bytes=LIMIT_BYTES)


async def fetch(source, file_id):
    async with source.open(file_id) as chunks:
        return b"".join([chunk async for chunk in chunks])


@asynccontextmanager
async def recording(host="127.0.0.1"):
    """A server that is none of Slack's; what it was sent, head by head."""
    heads = []

    async def take(reader, writer):
        heads.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi")
        writer.close()

    async with await asyncio.start_server(take, host, 0) as server:
        yield f"http://{host}:{server.sockets[0].getsockname()[1]}", heads


async def test_the_bytes_come_as_they_are(slack, source):
    assert await fetch(source, await slack.upload("app.log", LOG)) == LOG


async def test_an_empty_file_is_empty(slack, source):
    assert await fetch(source, await slack.upload("app.log", b"")) == b""


async def test_what_is_packed_stays_packed(slack, source):
    import gzip

    packed = gzip.compress(LOG)
    assert await fetch(source, await slack.upload("app.log.gz", packed)) == packed


async def test_the_token_is_sent_to_slack_and_a_redirect_within_slack_is_followed(slack, source):
    file_id = await slack.upload("app.log", LOG)
    location = (await slack.client.files_info(file=file_id))["file"]["url_private_download"]
    slack.fault("download", "redirect", location=location)
    assert await fetch(source, file_id) == LOG


async def test_a_relative_redirect_stays_on_the_host(slack, source):
    file_id = await slack.upload("app.log", LOG)
    location = (await slack.client.files_info(file=file_id))["file"]["url_private_download"]
    slack.fault("download", "redirect", location=location.removeprefix(slack.sandbox.url))
    assert await fetch(source, file_id) == LOG


async def test_a_redirect_off_slacks_hosts_is_refused_and_nothing_is_sent_there(slack, source):
    async with recording() as (elsewhere, heads):
        file_id = await slack.upload("app.log", LOG)
        slack.fault("download", "redirect", location=f"{elsewhere}/files/app.log")
        with pytest.raises(FileUnavailable, match=f"leads to {elsewhere}, which is none of Slack's file hosts"):
            await fetch(source, file_id)
        assert heads == []


@pytest.mark.parametrize(
    "url",
    [
        "https://files.slack.com.example.net/files-pri/x",
        "https://example.net/files.slack.com/x",
        "https://files.slack.com@example.net/x",
        "https://files.slack.com:8443/x",
        "http://files.slack.com/x",
        "ftp://files.slack.com/x",
        "//files.slack.com/x",
        "file:///etc/passwd",
    ],
)
async def test_the_token_goes_to_no_address_that_only_looks_like_slacks(slack, source, url):
    slack.sandbox.workspace.files.as_slack = lambda file: {"id": file.id, "name": "x", "url_private_download": url}
    slack.sandbox.workspace.files.create("x", user="U0ALICE").completed = True
    file_id = next(iter(slack.sandbox.workspace.files._files))
    with pytest.raises(FileUnavailable, match="the token was not sent there"):
        await fetch(source, file_id)


async def test_slacks_own_host_may_see_it(source):
    source._require_file_host("https://files.slack.com/files-pri/T1-F1/download/app.log")
    source._require_file_host("https://FILES.slack.com/files-pri/T1-F1/download/app.log")


async def test_redirects_without_end_end(slack, source):
    file_id = await slack.upload("app.log", LOG)
    location = (await slack.client.files_info(file=file_id))["file"]["url_private_download"]
    slack.fault("download", "redirect", location=location, count=100)
    with pytest.raises(FileUnavailable, match="redirected the download too often"):
        await fetch(source, file_id)
    assert slack.calls("download") <= file_source.MAX_REDIRECTS + 1


async def test_the_login_page_is_no_log(slack, source, monkeypatch):
    """Slack answers a download without the scope with status 200 and HTML."""
    file_id = await slack.upload("app.log", LOG)
    monkeypatch.setattr(slack.sandbox.access, "may_download", lambda _authorization: False)
    with pytest.raises(FileUnavailable, match=r"login page .* lacks the scope files:read"):
        await fetch(source, file_id)


async def test_without_the_scope_the_sentence_names_it(slack, source):
    file_id = await slack.upload("app.log", LOG)
    slack.sandbox.access.scopes.remove("files:read")
    with pytest.raises(FileUnavailable, match="lacks the scope files:read: add it under OAuth & Permissions"):
        await fetch(source, file_id)


async def test_a_web_page_somebody_uploaded_is_a_file_like_any_other(slack, source):
    page = b"<!DOCTYPE html><title>Error 502</title>"
    assert await fetch(source, await slack.upload("error.html", page)) == page


async def test_a_deleted_file_is_said_to_be_deleted(slack, source):
    file_id = await slack.upload("app.log", LOG)
    await slack.people.post("/people/delete", json={"user": "U0ALICE", "file": file_id})
    with pytest.raises(FileUnavailable, match="deleted in Slack before it could be read"):
        await fetch(source, file_id)


async def test_a_file_deleted_between_the_two_calls_is_said_to_be_deleted(slack, source):
    file_id = await slack.upload("app.log", LOG)
    slack.fault("download", "status", status=404)
    with pytest.raises(FileUnavailable, match="deleted in Slack"):
        await fetch(source, file_id)


@pytest.mark.parametrize("status", [401, 403])
async def test_a_refused_download_names_the_scope(slack, source, status):
    file_id = await slack.upload("app.log", LOG)
    slack.fault("download", "status", status=status)
    with pytest.raises(FileUnavailable, match="files:read"):
        await fetch(source, file_id)


async def test_a_tombstone_is_a_deleted_file(slack, source, monkeypatch):
    file_id = await slack.upload("app.log", LOG)
    monkeypatch.setattr(slack.sandbox.workspace.files, "as_slack", lambda file: {"id": file.id, "mode": "tombstone"})
    with pytest.raises(FileUnavailable, match="deleted in Slack"):
        await fetch(source, file_id)


async def test_a_file_that_lives_elsewhere_is_explained(slack, source, monkeypatch):
    file_id = await slack.upload("app.log", LOG)
    external = {"id": file_id, "name": "app.log", "mode": "external"}
    monkeypatch.setattr(slack.sandbox.workspace.files, "as_slack", lambda _file: external)
    with pytest.raises(FileUnavailable, match=r"Slack keeps it elsewhere \(external"):
        await fetch(source, file_id)


async def test_a_file_over_the_limit_is_not_even_asked_for(slack, source):
    file_id = await slack.upload("huge.log", b"x" * (LIMIT_BYTES + 1))
    with pytest.raises(FileTooLarge, match=r"huge\.log is larger than the limit of 10 MB \(TRIAGE_MAX_UPLOAD_BYTES\)"):
        await fetch(source, file_id)
    assert slack.calls("download") == 0


PASSING = {
    "truncated": ("download", "truncated", {}, "the connection failed"),
    "reset": ("download", "reset", {}, "the connection failed"),
    "500": ("download", "status", {"status": 500}, "it answered the download with status 500"),
    "429": ("download", "status", {"status": 429, "retry_after_seconds": 1}, "with status 429"),
    "files.info 500": ("files.info", "status", {"status": 500}, "it answered internal_error"),
    "files.info 429": ("files.info", "status", {"status": 429, "retry_after_seconds": 1}, "rate limited"),
    "files.info truncated": ("files.info", "truncated", {}, "the connection failed"),
}


@pytest.mark.parametrize("fault", PASSING)
async def test_a_passing_fault_is_no_reason_to_give_the_file_up(slack, source, fault):
    target, kind, needs, reason = PASSING[fault]
    file_id = await slack.upload("app.log", LOG)
    slack.fault(target, kind, **needs)
    with pytest.raises(PassingFault, match=f"^Slack: .*{reason}") as failed:
        await fetch(source, file_id)
    assert failed.value.retry_after_seconds == needs.get("retry_after_seconds", 0)
    await asyncio.sleep(failed.value.retry_after_seconds)  # as Slack asks
    assert await fetch(source, file_id) == LOG


REFUSED = {
    "token_revoked": r"refuses the bot's token \(token_revoked\)\. Reinstall .* press Re-run",
    "file_not_found": "deleted in Slack",
    "not_visible": r"does not hand it out \(not_visible\)",
}


@pytest.mark.parametrize("word", REFUSED)
async def test_what_does_not_pass_is_said_at_once(slack, source, word):
    file_id = await slack.upload("app.log", LOG)
    slack.fault("files.info", "error", error=word)
    with pytest.raises(FileUnavailable, match=REFUSED[word]):
        await fetch(source, file_id)


async def test_a_download_that_ends_early_and_says_nothing_is_found_out_by_its_size(slack, source, monkeypatch):
    """A proxy that gives up half way may end the body as if it were whole."""
    file_id = await slack.upload("app.log", LOG)
    as_slack = slack.sandbox.workspace.files.as_slack
    monkeypatch.setattr(slack.sandbox.workspace.files, "as_slack", lambda file: as_slack(file) | {"size": len(LOG) + 1})
    with pytest.raises(PassingFault, match=f"ended after {len(LOG):,} of {len(LOG) + 1:,} bytes"):
        await fetch(source, file_id)


async def test_a_trickle_does_not_hold_up_other_files_for_ever(slack, source, monkeypatch):
    monkeypatch.setattr(file_source, "GRACE_SECONDS", 0.3)
    monkeypatch.setattr(file_source, "SLOWEST_BYTES_PER_SECOND", 10_000_000)
    file_id = await slack.upload("app.log", LOG)
    slack.fault("download", "slow", seconds=30.0)
    with pytest.raises(PassingFault, match="TimeoutError"):
        await fetch(source, file_id)


async def test_a_slow_download_is_waited_for_as_long_as_bytes_come(slack, source, monkeypatch):
    monkeypatch.setattr(file_source, "TIMEOUT", httpx.Timeout(0.6))
    file_id = await slack.upload("app.log", LOG)
    slack.fault("download", "slow", seconds=1.5)
    assert await fetch(source, file_id) == LOG


async def test_a_download_that_has_stopped_is_a_passing_fault(slack, source, monkeypatch):
    monkeypatch.setattr(file_source, "TIMEOUT", httpx.Timeout(0.3))
    file_id = await slack.upload("app.log", LOG)
    slack.fault("download", "timeout", seconds=60.0)
    with pytest.raises(PassingFault, match="ReadTimeout"):
        await fetch(source, file_id)


async def test_where_a_file_was_shared_is_found(slack, source):
    root = await slack.say("the incident")
    file_id = await slack.upload("app.log", LOG, thread_ts=root, user="U0BOB")
    (place,) = await source.places(file_id)
    assert (place.channel, place.thread_ts, place.name, place.uploader) == ("C0INCIDENTS", root, "app.log", "U0BOB")


async def test_a_file_that_is_gone_is_nowhere(slack, source):
    file_id = await slack.upload("app.log", LOG)
    await slack.people.post("/people/delete", json={"user": "U0ALICE", "file": file_id})
    assert await source.places(file_id) == []
    assert await source.places("F0NOWHERE") == []
