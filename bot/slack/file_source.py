"""Uploads from Slack: the token goes to Slack's file hosts only, and a login page is never taken for a log."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any
from urllib.parse import urljoin, urlsplit

import aiohttp
import httpx
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.settings import is_loopback
from bot.slack.refusals import delivery_error, error_of
from services.errors import (
    CredentialsRefused,
    FileTooLarge,
    FileUnavailable,
    PassingFault,
    PermanentDeliveryError,
    RateLimited,
)
from services.triage.file_source import UploadPlace

MAX_REDIRECTS = 3
CHUNK_BYTES = 1 << 18
TIMEOUT = httpx.Timeout(30.0, connect=10.0)
# A whole file: slower than that it holds up other people's files, and its report comes too late to help.
SLOWEST_BYTES_PER_SECOND = 250_000
GRACE_SECONDS = 60.0
DEFAULT_RETRY_AFTER_SECONDS = 5.0
SLACK = "Slack"

NO_SCOPE = (
    "Slack answered with its login page in place of the file, which means that the app lacks the scope files:read: add "
    "it under OAuth & Permissions, reinstall the app, then press Re-run."
)
DELETED = "It was deleted in Slack before it could be read; upload it again."


class SlackFileSource:
    """The `FileSource` of the product.

    Args:
        file_hosts: the hosts (with a port where it is not the usual one) that may see the token.
    """

    def __init__(
        self, client: AsyncWebClient, http: httpx.AsyncClient, *, file_hosts: list[str], max_bytes: int
    ) -> None:
        self._client = client
        self._http = http
        self._file_hosts = frozenset(host.lower() for host in file_hosts)
        self._max_bytes = max_bytes

    @asynccontextmanager
    async def open(self, slack_file_id: str) -> AsyncIterator[AsyncIterator[bytes]]:
        file = await self._describe(slack_file_id)
        if int(file.get("size") or 0) > self._max_bytes:
            raise FileTooLarge(file.get("name") or slack_file_id, self._max_bytes)
        url = str(file.get("url_private_download") or file.get("url_private") or "")
        if not url:
            raise FileUnavailable(
                f"Slack keeps it elsewhere ({file.get('mode', 'no download address')}); upload the file itself."
            )
        size = int(file.get("size") or 0)
        with _naming_the_fault():
            async with asyncio.timeout(GRACE_SECONDS + size / SLOWEST_BYTES_PER_SECOND), self._follow(url) as response:
                _refuse_what_is_not_the_file(response, file)
                yield _whole(response, size)

    async def places(self, slack_file_id: str) -> list[UploadPlace]:
        try:
            file = await self._describe(slack_file_id)
        except FileUnavailable:
            return []
        shares = file.get("shares") or {}
        return [
            UploadPlace(channel, share.get("thread_ts"), file.get("name") or slack_file_id, file.get("user", "unknown"))
            for kind in ("public", "private")
            for channel, shared in (shares.get(kind) or {}).items()
            for share in shared
        ]

    async def _describe(self, slack_file_id: str) -> dict[str, Any]:
        """The file as files.info has it: events may carry only a stub."""
        with _naming_the_fault():
            answer = await self._client.files_info(file=slack_file_id)
        file: dict[str, Any] = answer["file"]
        if file.get("mode") == "tombstone":
            raise FileUnavailable(DELETED)
        return file

    @asynccontextmanager
    async def _follow(self, url: str) -> AsyncIterator[httpx.Response]:
        """GET with the token; a redirect is followed to Slack's file hosts and nowhere else."""
        for _ in range(MAX_REDIRECTS + 1):
            self._require_file_host(url)
            headers = {"Authorization": f"Bearer {self._client.token}"}
            async with self._http.stream("GET", url, headers=headers, timeout=TIMEOUT) as response:
                if response.is_redirect:
                    url = urljoin(url, response.headers["location"])
                    continue
                yield response
                return
        raise FileUnavailable("Slack redirected the download too often; upload the file again.")

    def _require_file_host(self, url: str) -> None:
        parts = urlsplit(url)
        secure = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))
        if not secure or parts.netloc.lower() not in self._file_hosts:
            raise FileUnavailable(
                f"Its download leads to {parts.scheme}://{parts.netloc}, which is none of Slack's file hosts "
                "(TRIAGE_SLACK_FILE_HOSTS), so the token was not sent there. If this is Slack asking to log in, the "
                "app lacks the scope files:read."
            )


async def _whole(response: httpx.Response, size: int) -> AsyncIterator[bytes]:
    """The body; one that ends short of what files.info says is a download that broke off."""
    count = 0
    with _naming_the_fault():
        async for chunk in response.aiter_bytes(CHUNK_BYTES):
            count += len(chunk)
            yield chunk
    if count < size:
        raise PassingFault(SLACK, f"the download ended after {count:,} of {size:,} bytes")


@contextmanager
def _naming_the_fault() -> Iterator[None]:
    """What the two libraries raise, as what it means for the file."""
    try:
        yield
    except SlackApiError as error:
        raise _refusal(error) from None
    except (httpx.TransportError, aiohttp.ClientError, TimeoutError, ConnectionError) as error:
        raise PassingFault(SLACK, f"the connection failed ({type(error).__name__})") from error


def _refusal(error: SlackApiError) -> FileUnavailable | PassingFault:
    name, meaning = error_of(error), delivery_error(error)
    if name in ("file_not_found", "file_deleted"):
        return FileUnavailable(DELETED)
    if name == "missing_scope":
        return FileUnavailable(
            "The app lacks the scope files:read: add it under OAuth & Permissions, reinstall the app, then press "
            "Re-run."
        )
    if isinstance(meaning, RateLimited):
        return PassingFault(SLACK, "it asks to wait (rate limited)", meaning.retry_after_seconds or 0)
    if isinstance(meaning, CredentialsRefused):
        return FileUnavailable(f"Slack refuses the bot's token ({name}). {meaning.advice} Then press Re-run.")
    if isinstance(meaning, PermanentDeliveryError):
        return FileUnavailable(f"Slack does not hand it out ({name}); upload it again.")
    return PassingFault(SLACK, f"it answered {name}")


def _refuse_what_is_not_the_file(response: httpx.Response, file: dict[str, Any]) -> None:
    status = response.status_code
    if status in (404, 410):
        raise FileUnavailable(DELETED)
    if status in (401, 403):
        raise FileUnavailable(NO_SCOPE)
    if status in (408, 429) or status >= 500:
        raise PassingFault(SLACK, f"it answered the download with status {status}", _retry_after_seconds(response))
    if status != 200:
        raise FileUnavailable(f"Slack answered the download with status {status}; upload the file again.")
    is_html = response.headers.get("content-type", "").startswith("text/html")
    if is_html and file.get("mimetype") != "text/html":
        raise FileUnavailable(NO_SCOPE)


def _retry_after_seconds(response: httpx.Response) -> float:
    if response.status_code != 429:
        return 0.0
    try:
        return max(0.0, float(response.headers["retry-after"]))
    except (KeyError, ValueError):
        return DEFAULT_RETRY_AFTER_SECONDS
