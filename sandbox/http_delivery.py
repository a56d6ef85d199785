"""Delivery over HTTP, signed as Slack signs: HMAC-SHA256 over `v0:timestamp:body`."""

import asyncio
import hashlib
import hmac
import json
import urllib.parse
from typing import Any

import httpx

from sandbox.clock import Clock
from sandbox.config import NotLoopback, SandboxConfig, require_loopback_url
from sandbox.reply import Envelope, Reply

_MAX_REDIRECTS = 2
_USER_AGENT = "Slackbot 1.0 (+https://api.slack.com/robots)"


def sign(signing_secret: str, timestamp: str, body: bytes) -> str:
    """The value of X-Slack-Signature."""
    signed = b"v0:" + timestamp.encode() + b":" + body
    return "v0=" + hmac.new(signing_secret.encode(), signed, hashlib.sha256).hexdigest()


class HttpDelivery:
    """Posts to `app_url`, which may be set when the app has started."""

    def __init__(self, config: SandboxConfig, clock: Clock) -> None:
        self._config = config
        self._clock = clock
        self.app_url = config.app_url
        self._client = httpx.AsyncClient(
            timeout=None,  # noqa: S113 - the acknowledgement's time covers the whole exchange
            follow_redirects=True,
            max_redirects=_MAX_REDIRECTS,
            trust_env=False,
            event_hooks={"request": [_stay_on_loopback]},
        )

    @property
    def connected(self) -> bool:
        return self.app_url is not None

    async def send(self, envelope: Envelope, *, retry: int, reason: str | None) -> Reply:
        if self.app_url is None:
            return Reply("no address", failure="connection_failed")
        body, content_type = _encode(envelope)
        headers = self._headers(body, content_type)
        if retry:
            headers |= {"X-Slack-Retry-Num": str(retry), "X-Slack-Retry-Reason": reason or "unknown_error"}
        return await self._post(self.app_url, body, headers)

    async def close(self) -> None:
        await self._client.aclose()

    def _headers(self, body: bytes, content_type: str) -> dict[str, str]:
        timestamp = str(int(self._clock.now()))
        return {
            "Content-Type": content_type,
            "User-Agent": _USER_AGENT,
            "Accept": "*/*",
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": sign(self._config.signing_secret, timestamp, body),
        }

    async def _post(self, url: str, body: bytes, headers: dict[str, str]) -> Reply:
        try:
            async with asyncio.timeout(self._config.ack_timeout_seconds):
                response = await self._client.post(url, content=body, headers=headers)
        except TimeoutError:
            return Reply("timeout", failure="http_timeout")
        except httpx.TooManyRedirects:
            return Reply("redirects", failure="too_many_redirects")
        except (httpx.HTTPError, NotLoopback) as error:
            return Reply(type(error).__name__, failure="connection_failed")
        failure = None if response.is_success else "http_error"
        no_retry = response.headers.get("x-slack-no-retry") == "1"
        return Reply(response.status_code, _decode(response), failure, no_retry)


async def _stay_on_loopback(request: httpx.Request) -> None:
    """A redirect must not lead a delivery off this machine."""
    require_loopback_url(str(request.url))


def _encode(envelope: Envelope) -> tuple[bytes, str]:
    if envelope.kind == "events_api":
        return json.dumps(envelope.payload).encode(), "application/json"
    fields = envelope.payload if envelope.kind == "slash_commands" else {"payload": json.dumps(envelope.payload)}
    return urllib.parse.urlencode(fields).encode(), "application/x-www-form-urlencoded"


def _decode(response: httpx.Response) -> Any:
    try:
        return response.json()
    except ValueError:
        return response.text
