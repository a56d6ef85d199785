import pytest

from sandbox.clock import Clock
from sandbox.rates import Rates, Tier
from sandbox.refusal import Refused


@pytest.fixture
def clock():
    return Clock()


def limited(rates, method, tier, channel=""):
    try:
        rates.spend(method, tier, channel)
    except Refused as refusal:
        return refusal
    return None


def test_a_channel_takes_a_burst_and_then_one_a_second(clock):
    rates = Rates(clock, enabled=True, scale=1, post_burst=3)
    assert [limited(rates, "chat.postMessage", Tier.POSTING, "C1") for _ in range(3)] == [None] * 3
    refusal = limited(rates, "chat.postMessage", Tier.POSTING, "C1")
    assert (refusal.error, refusal.status, refusal.headers) == ("ratelimited", 429, {"Retry-After": "1"})
    assert limited(rates, "chat.postMessage", Tier.POSTING, "C2") is None
    clock.advance(1)
    assert limited(rates, "chat.postMessage", Tier.POSTING, "C1") is None
    assert limited(rates, "chat.postMessage", Tier.POSTING, "C1") is not None


@pytest.mark.parametrize(("tier", "calls"), [(Tier.TWO, 20), (Tier.THREE, 50), (Tier.FOUR, 100)])
def test_a_method_is_limited_by_its_tier_over_all_channels(clock, tier, calls):
    rates = Rates(clock, enabled=True, scale=1, post_burst=1)
    answers = [limited(rates, "pins.add", tier, f"C{number % 2}") for number in range(calls + 1)]
    assert answers[:calls] == [None] * calls
    assert answers[calls].headers == {"Retry-After": str(-(-60 // calls))}


def test_limits_can_be_scaled_and_switched_off(clock):
    scaled = Rates(clock, enabled=True, scale=10, post_burst=1)
    assert [limited(scaled, "chat.postMessage", Tier.POSTING, "C") for _ in range(10)] == [None] * 10
    assert limited(scaled, "chat.postMessage", Tier.POSTING, "C") is not None
    off = Rates(clock, enabled=False, scale=1, post_burst=1)
    assert [limited(off, "chat.postMessage", Tier.POSTING, "C") for _ in range(50)] == [None] * 50
