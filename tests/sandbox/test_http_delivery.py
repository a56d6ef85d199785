import json
import time

import pytest
from slack_sdk.signature import SignatureVerifier
from starlette.responses import RedirectResponse, Response

from sandbox.http_delivery import sign
from tests.sandbox.recording_app import until


def test_the_signature_is_that_of_slacks_own_example():
    # The worked example in Slack's documentation on verifying requests.
    body = (
        b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V"
        b"&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text="
        b"&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN"
        b"&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
    )
    expected = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
    assert sign("8f742231b10e8888abcd99yyyzzz85a5", "1531420618", body) == expected


@pytest.mark.asyncio
async def test_an_event_is_signed_so_that_slacks_verifier_takes_it(app, people, sandbox):
    await people.say("hello")
    delivery = (await until(lambda: app.deliveries))[0]
    assert SignatureVerifier(sandbox.config.signing_secret).is_valid_request(delivery.body, delivery.headers)
    assert not SignatureVerifier("another").is_valid_request(delivery.body, delivery.headers)
    assert abs(int(delivery.headers["x-slack-request-timestamp"]) - time.time()) < 5
    assert "x-slack-retry-num" not in delivery.headers


@pytest.mark.asyncio
async def test_the_envelope_of_an_event(app, people, sandbox):
    message = await people.say("hello")
    payload = (await until(lambda: app.deliveries))[0].payload
    assert payload["type"] == "event_callback"
    assert payload["team_id"] == sandbox.config.team
    assert payload["event_id"].startswith("Ev")
    event = payload["event"]
    assert (event["type"], event["text"], event["channel_type"]) == ("message", "hello", "channel")
    assert event["ts"] == event["event_ts"] == message["ts"]


@pytest.mark.asyncio
async def test_a_failed_event_is_retried_three_times_with_its_reason(app, people, sandbox):
    app.answers = [Response(status_code=500)] * 4
    await people.say("hello")
    await until(lambda: sandbox.deliveries.pending == 0 and len(app.deliveries) == 4)
    retries = [
        (each.headers.get("x-slack-retry-num"), each.headers.get("x-slack-retry-reason")) for each in app.deliveries
    ]
    assert retries == [(None, None), ("1", "http_error"), ("2", "http_error"), ("3", "http_error")]
    assert len({json.loads(each.body)["event_id"] for each in app.deliveries}) == 1


@pytest.mark.asyncio
async def test_a_slow_acknowledgement_is_a_timeout(app, people, sandbox):
    app.answers = [1.0]
    await people.say("hello")
    await until(lambda: len(app.deliveries) == 2)
    assert app.deliveries[1].headers["x-slack-retry-reason"] == "http_timeout"


@pytest.mark.asyncio
async def test_no_retry_is_honoured(app, people, sandbox):
    app.answers = [Response(status_code=500, headers={"X-Slack-No-Retry": "1"})]
    await people.say("hello")
    await until(lambda: app.deliveries and sandbox.deliveries.pending == 0)
    assert len(app.deliveries) == 1


@pytest.mark.asyncio
async def test_an_app_that_is_not_there_is_tried_again_when_it_has_come(app, people, sandbox):
    sandbox.app_url = "http://127.0.0.1:1/slack/events"
    await people.say("hello")
    sandbox.app_url = app.url
    await until(lambda: app.deliveries)
    assert app.deliveries[0].headers["x-slack-retry-reason"] == "connection_failed"


@pytest.mark.asyncio
async def test_an_app_that_redirects_in_a_circle(app, people, sandbox):
    app.answers = [RedirectResponse("/again", 307)] * 3
    await people.say("hello")
    await until(lambda: [each for each in app.deliveries if "x-slack-retry-num" in each.headers])
    assert app.deliveries[-1].headers["x-slack-retry-reason"] == "too_many_redirects"


@pytest.mark.asyncio
async def test_a_redirect_off_this_machine_is_not_followed(app, people, sandbox):
    app.answers = [RedirectResponse("http://192.0.2.1/slack", 307)]
    await people.say("hello")
    await until(lambda: len(app.deliveries) == 2)
    assert app.deliveries[1].headers["x-slack-retry-reason"] == "connection_failed"
    assert sandbox.traffic.entries[0].status == "NotLoopback"


@pytest.mark.asyncio
async def test_the_real_delays_are_slacks(sandbox):
    from sandbox.config import SandboxConfig

    assert SandboxConfig(retry_scale=1).retry_delays_seconds == (0, 60, 300)


@pytest.mark.asyncio
async def test_commands_are_never_retried_and_their_failure_is_shown(app, people):
    app.answers = [Response(status_code=500)]
    answer = await people.post("command", channel="C0INCIDENTS", command="/incident", text="db down")
    assert answer == {"ok": False, "error": "operation_failed"}
    app.answers = [1.0]
    answer = await people.post("command", channel="C0INCIDENTS", command="/incident", text="db down")
    assert answer == {"ok": False, "error": "operation_timeout"}
    assert len(app.deliveries) == 2
