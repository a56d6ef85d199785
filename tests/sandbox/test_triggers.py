import pytest

from sandbox.clock import Clock
from sandbox.ids import Ids
from sandbox.refusal import Refused
from sandbox.triggers import ResponseUrls, Triggers


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def triggers(clock):
    return Triggers(clock, Ids(clock))


@pytest.fixture
def response_urls(clock):
    return ResponseUrls(clock, Ids(clock))


def test_a_trigger_serves_once(triggers):
    trigger_id = triggers.issue("U0ALICE")
    assert triggers.spend(trigger_id) == "U0ALICE"
    with pytest.raises(Refused, match="exchanged_trigger_id"):
        triggers.spend(trigger_id)


def test_a_trigger_serves_three_seconds(triggers, clock):
    in_time, late = triggers.issue("U0ALICE"), triggers.issue("U0ALICE")
    clock.advance(2.9)
    triggers.spend(in_time)
    clock.advance(0.2)
    with pytest.raises(Refused, match="expired_trigger_id"):
        triggers.spend(late)


def test_a_made_up_trigger(triggers):
    with pytest.raises(Refused, match="invalid_trigger_id"):
        triggers.spend("1.2.3")


def test_a_response_url_serves_five_times(response_urls):
    key = response_urls.issue("U0ALICE", "C0INCIDENTS")
    for _ in range(5):
        assert response_urls.use(key).user == "U0ALICE"
    with pytest.raises(Refused, match="used_url"):
        response_urls.use(key)


def test_a_response_url_serves_thirty_minutes(response_urls, clock):
    key = response_urls.issue("U0ALICE", "C0INCIDENTS")
    clock.advance(29 * 60)
    response_urls.use(key)
    clock.advance(61)
    with pytest.raises(Refused, match="expired_url"):
        response_urls.use(key)
