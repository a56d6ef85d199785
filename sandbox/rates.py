"""Slack's rate limits: a token bucket per method, and one per channel for posting.

Tiers as documented by Slack: at least 1, 20, 50 and 100 calls a minute; chat.postMessage about one a second and
channel.
"""

import math
from dataclasses import dataclass
from enum import Enum

from sandbox.clock import Clock
from sandbox.refusal import Refused


class Tier(Enum):
    """Calls a minute; None where no limit is documented that matters here."""

    ONE = 1
    TWO = 20
    THREE = 50
    FOUR = 100
    POSTING = 60
    UNLIMITED = None


@dataclass
class _Bucket:
    tokens: float
    at: float


class Rates:
    """Says ratelimited when a bucket is empty. `scale` multiplies every allowance."""

    def __init__(self, clock: Clock, *, enabled: bool, scale: float, post_burst: int) -> None:
        self._clock = clock
        self._enabled = enabled
        self._scale = scale
        self._post_burst = post_burst
        self._buckets: dict[tuple[str, str], _Bucket] = {}

    def spend(self, method: str, tier: Tier, channel: str = "") -> None:
        """Take one call off the allowance of `method`; posting counts per channel.

        Raises Refused("ratelimited") with status 429 and Retry-After in whole seconds.
        """
        if not self._enabled or tier.value is None:
            return
        posting = tier is Tier.POSTING
        per_second = tier.value * self._scale / 60
        capacity = max(1.0, (self._post_burst if posting else tier.value) * self._scale)
        bucket = self._refilled((method, channel if posting else ""), capacity, per_second)
        if bucket.tokens < 1:
            wait_seconds = max(1, math.ceil((1 - bucket.tokens) / per_second))
            raise Refused("ratelimited", status=429, headers={"Retry-After": str(wait_seconds)})
        bucket.tokens -= 1

    def _refilled(self, key: tuple[str, str], capacity: float, per_second: float) -> _Bucket:
        now = self._clock.now()
        bucket = self._buckets.setdefault(key, _Bucket(capacity, now))
        bucket.tokens = min(capacity, bucket.tokens + (now - bucket.at) * per_second)
        bucket.at = now
        return bucket
