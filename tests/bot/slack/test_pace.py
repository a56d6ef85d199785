"""Slack's pace: posts about one a second and channel, nothing while a 429 says to wait, and no lane holds up another."""

import pytest
from slack_sdk.errors import SlackApiError

from bot.slack.pace import MAX_TURN_SECONDS, POST_BURST, POSTING, Pace
from bot.slack.refusals import delivery_error
from services.errors import RateLimited
from tests.support.workplace import INCIDENTS

PAYMENTS = "C0PAYMENTS"


class Clock:
    def __init__(self):
        self.now = 1_000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def pace(clock):
    return Pace(clock)


def waits(pace, count, method=POSTING, channel="C1"):
    return [pace.wait_seconds(method, channel) for _ in range(count)]


def test_a_channel_takes_a_short_burst_and_then_one_post_a_second(pace, clock):
    assert waits(pace, POST_BURST + 1) == [0, 0, 0, 0, 1]
    sent = 0
    for _ in range(100):
        clock.now += 0.1
        sent += pace.wait_seconds(POSTING, "C1") == 0
    assert 9 <= sent <= 11


def test_after_a_quiet_time_there_is_a_burst_again(pace, clock):
    waits(pace, POST_BURST)
    clock.now += 60
    assert waits(pace, POST_BURST) == [0, 0, 0, 0]


def test_those_who_wait_are_told_to_come_back_one_after_the_other(pace):
    waits(pace, POST_BURST)
    assert waits(pace, 4) == [1, 2, 3, 4]


def test_nobody_is_told_to_wait_longer_than_a_minute_for_a_turn(pace):
    waits(pace, POST_BURST)
    assert max(waits(pace, 500)) == MAX_TURN_SECONDS


def test_channels_do_not_hold_up_each_other(pace):
    pace.close(POSTING, "C1", 30)
    assert pace.wait_seconds(POSTING, "C1") == 30
    assert pace.wait_seconds(POSTING, "C2") == 0


def test_methods_do_not_hold_up_each_other(pace):
    pace.close("chat.update", "C1", 30)
    assert pace.wait_seconds("chat.update", "C2") == 30  # a method's limit is one for all channels
    assert pace.wait_seconds(POSTING, "C1") == 0
    assert waits(pace, 100, "files.info") == [0] * 100


def test_when_the_wait_is_over_posts_come_singly(pace, clock):
    pace.close(POSTING, "C1", 30)
    clock.now += 30
    assert waits(pace, 2) == [0, 1]


@pytest.mark.asyncio
async def test_no_call_goes_out_while_slack_says_to_wait(slack):
    slack.fault("chat.postMessage", "status", status=429, retry_after_seconds=30)
    for channel, expected in ((INCIDENTS, 30), (INCIDENTS, 30), (PAYMENTS, None)):
        limited = await limit_of(slack.client.chat_postMessage(channel=channel, text="hello"))
        assert limited is None if expected is None else limited.retry_after_seconds == pytest.approx(expected, abs=1.5)
    assert slack.calls("chat.postMessage") == 2  # the one that was told to wait, and the other channel's


@pytest.mark.asyncio
async def test_edits_go_on_while_posts_wait(slack):
    posted = await slack.client.chat_postMessage(channel=INCIDENTS, text="hello")
    slack.fault("chat.postMessage", "status", status=429, retry_after_seconds=30)
    assert type(await limit_of(slack.client.chat_postMessage(channel=INCIDENTS, text="hello"))) is RateLimited
    assert await limit_of(slack.client.chat_update(channel=INCIDENTS, ts=posted["ts"], text="edited")) is None


async def limit_of(call):
    try:
        await call
    except SlackApiError as error:
        return delivery_error(error)
    return None
