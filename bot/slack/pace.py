"""How fast Slack lets us call: posts about one a second and channel, and no call while a 429 says to wait.

The limits are Slack's per method, and for chat.postMessage per method and channel, so that is how they are kept: one
that is closed holds up no other.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.slack.refusals import RATE_LIMITS, error_of, retry_after_seconds

POSTING = "chat.postMessage"
POST_INTERVAL_SECONDS = 1.0
POST_BURST = 4  # Slack bears short bursts; so many at once have a full second each behind them
# Those told to wait come back one after the other. Nobody is told a longer wait: who asks later may find it shorter.
TURN_SECONDS = 1.0
MAX_TURN_SECONDS = 60.0
TOO_MANY_REQUESTS = 429


@dataclass(slots=True)
class _Lane:
    """`free_at`: when the calls so far are paid for; `turn_at`: when the last one who was told to wait has its turn."""

    free_at: float = 0.0
    turn_at: float = 0.0


class Pace:
    """When the next call may go out. Times are seconds of the event loop's clock, which does not jump."""

    def __init__(self, clock: Callable[[], float] | None = None) -> None:
        self._clock = clock or (lambda: asyncio.get_running_loop().time())
        self._lanes: dict[tuple[str, str], _Lane] = {}

    def wait_seconds(self, method: str, channel: str) -> float:
        """0 where the call may go out, which then counts; else how long to wait before asking again."""
        now = self._clock()
        lane = self._lane(method, channel)
        wait = lane.free_at - now - _credit(method)
        if wait <= 0:
            lane.free_at = max(lane.free_at, now) + (POST_INTERVAL_SECONDS if method == POSTING else 0.0)
            return 0.0
        lane.turn_at = max(lane.turn_at + TURN_SECONDS, now + wait)
        return max(wait, min(lane.turn_at - now, MAX_TURN_SECONDS))

    def close(self, method: str, channel: str, seconds: float) -> None:
        """Slack says to wait; after that the calls come singly."""
        lane = self._lane(method, channel)
        lane.free_at = max(lane.free_at, self._clock() + seconds + _credit(method))

    def _lane(self, method: str, channel: str) -> _Lane:
        return self._lanes.setdefault((method, channel if method == POSTING else ""), _Lane())


def _credit(method: str) -> float:
    return (POST_BURST - 1) * POST_INTERVAL_SECONDS if method == POSTING else 0.0


class PacedWebClient(AsyncWebClient):
    """The Web API client that keeps Slack's pace: a call that would be too early fails as Slack would have it fail."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._pace = Pace()

    async def api_call(self, api_method: str, **options: Any) -> AsyncSlackResponse:
        """As the base class; raises its SlackApiError with status 429 for a call that has to wait."""
        channel = _channel(options)
        wait_seconds = self._pace.wait_seconds(api_method, channel)
        if wait_seconds > 0:
            raise self._too_early(api_method, wait_seconds)
        try:
            return await super().api_call(api_method, **options)
        except SlackApiError as error:
            if error.response.status_code == TOO_MANY_REQUESTS or error_of(error) in RATE_LIMITS:
                self._pace.close(api_method, channel, retry_after_seconds(error))
            raise

    def _too_early(self, method: str, wait_seconds: float) -> SlackApiError:
        answer = AsyncSlackResponse(
            client=self,
            http_verb="POST",
            api_url=f"{self.base_url}{method}",
            req_args={},
            data={"ok": False, "error": "ratelimited"},
            headers={"Retry-After": str(wait_seconds)},
            status_code=TOO_MANY_REQUESTS,
        )
        return SlackApiError(f"{method} has to wait for {wait_seconds:.1f} s", answer)


def _channel(options: Mapping[str, Any]) -> str:
    arguments = options.get("json") or options.get("data") or options.get("params") or {}
    return str(arguments.get("channel", ""))
