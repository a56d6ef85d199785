"""Uploads from Slack: the token goes to Slack's file hosts only, and a login page is never taken for a log."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.settings import is_loopback
from bot.slack.client import error_of
from services.errors import FileTooLarge, FileUnavailable
from services.triage.file_source import UploadPlace

MAX_REDIRECTS = 3
CHUNK_BYTES = 1 << 18
TIMEOUT = httpx.Timeout(30.0, connect=10.0)

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
        url = file.get("url_private_download") or file.get("url_private")
        if not url:
            raise FileUnavailable(
                f"Slack keeps it elsewhere ({file.get('mode', 'no download address')}); upload the file itself."
            )
        async with self._follow(str(url)) as response:
            _refuse_what_is_not_the_file(response, file)
            yield response.aiter_bytes(CHUNK_BYTES)

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
        try:
            answer = await self._client.files_info(file=slack_file_id)
        except SlackApiError as error:
            name = error_of(error)
            if name in ("file_not_found", "file_deleted"):
                raise FileUnavailable(DELETED) from None
            if name == "missing_scope":
                raise FileUnavailable(
                    "The app lacks the scope files:read: add it under OAuth & Permissions, reinstall the app, then "
                    "press Re-run."
                ) from None
            raise
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


def _refuse_what_is_not_the_file(response: httpx.Response, file: dict[str, Any]) -> None:
    if response.status_code in (404, 410):
        raise FileUnavailable(DELETED)
    if response.status_code in (401, 403):
        raise FileUnavailable(NO_SCOPE)
    response.raise_for_status()
    is_html = response.headers.get("content-type", "").startswith("text/html")
    if is_html and file.get("mimetype") != "text/html":
        raise FileUnavailable(NO_SCOPE)
