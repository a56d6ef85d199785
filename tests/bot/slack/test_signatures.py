"""Signatures: who is let in, and what the log says when nobody is."""

import time

import pytest
from slack_sdk.signature import SignatureVerifier

from bot.slack.signatures import FAILURES_THAT_TELL, Signatures

BODY = b'{"type": "event_callback"}'
SECRET, OTHER = "0" * 32, "f" * 32


def signed(secret=SECRET, *, age_seconds=0):
    timestamp = str(int(time.time() - age_seconds))
    signature = SignatureVerifier(secret).generate_signature(timestamp=timestamp, body=BODY)
    return {"x-slack-request-timestamp": timestamp, "x-slack-signature": signature}


def test_what_slack_signed_is_accepted_and_nothing_else():
    signatures = Signatures(SECRET)
    assert signatures.accept(BODY, signed())
    assert not signatures.accept(BODY + b" ", signed())
    assert not signatures.accept(BODY, signed(OTHER))
    assert not signatures.accept(BODY, signed(age_seconds=301))


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-slack-signature": "v0=" + "0" * 64},
        {"x-slack-request-timestamp": "now", "x-slack-signature": "v0=" + "0" * 64},
        {"x-slack-request-timestamp": "²", "x-slack-signature": "v0=" + "0" * 64},
        {"x-slack-request-timestamp": "1", "x-slack-signature": "v0=ä"},
        {"x-slack-request-timestamp": "9" * 5_000, "x-slack-signature": "v0=" + "0" * 64},
    ],
)
def test_malformed_headers_are_refused(headers):
    assert not Signatures(SECRET).accept(BODY, headers)


def test_a_wrong_secret_is_named_in_the_log_once(caplog):
    signatures = Signatures(OTHER)
    for _ in range(10 * FAILURES_THAT_TELL):
        signatures.accept(BODY, signed())
    assert [record.getMessage().partition(":")[0] for record in caplog.records] == [
        "3 requests in a row were not signed with SLACK_SIGNING_SECRET"
    ]
    assert OTHER not in caplog.text


def test_a_clock_that_is_off_is_named_in_place_of_the_secret(caplog):
    signatures = Signatures(SECRET)
    for _ in range(FAILURES_THAT_TELL):
        signatures.accept(BODY, signed(age_seconds=900))
    assert "keep the clock of this machine with NTP" in caplog.text
    assert "SLACK_SIGNING_SECRET" not in caplog.text


def test_strangers_between_what_is_signed_are_no_reason_to_say_anything(caplog):
    signatures = Signatures(SECRET)
    for _ in range(5):
        for headers in (signed(OTHER), signed(OTHER), signed(), {}, {}, {}):
            signatures.accept(BODY, headers)
    assert caplog.text == ""
