"""Is a request signed by Slack? And if none of them seems to be: which setting, or which clock, is wrong."""

import logging
import re
import time
from collections.abc import Mapping

from slack_sdk.signature import SignatureVerifier

log = logging.getLogger(__name__)

# Strangers who try the address out come once; Slack comes again and again. Three in a row are no stranger.
FAILURES_THAT_TELL = 3
MOST_AGE_SECONDS = 300  # older ones are refused, so that nobody can send again what he overheard
_TIMESTAMP = re.compile(r"[0-9]{1,12}")
_SIGNATURE = re.compile(r"v0=[0-9a-f]{64}")


class Signatures:
    """Checks signatures. What looks signed and is not, several times in a row, is said in the log, once."""

    def __init__(self, signing_secret: str) -> None:
        self._verifier = SignatureVerifier(signing_secret)
        self._failures = 0

    def accept(self, body: bytes, headers: Mapping[str, str]) -> bool:
        """Whether Slack signed it, within the last five minutes. Header names are in lower case."""
        timestamp, signature = headers.get("x-slack-request-timestamp", ""), headers.get("x-slack-signature", "")
        if not _TIMESTAMP.fullmatch(timestamp) or not _SIGNATURE.fullmatch(signature):
            return False
        is_signed = self._verifier.is_valid(body, timestamp, signature)
        self._count(0 if is_signed else self._failures + 1, age_seconds=time.time() - int(timestamp))
        return is_signed

    def _count(self, failures: int, *, age_seconds: float) -> None:
        self._failures = failures
        if failures != FAILURES_THAT_TELL:
            return
        if abs(age_seconds) > MOST_AGE_SECONDS:
            log.error("Slack's requests seem to be %.0f s old: keep the clock of this machine with NTP", age_seconds)
        else:
            log.error(
                "%d requests in a row were not signed with SLACK_SIGNING_SECRET: copy the Signing Secret again from "
                "Basic Information, App Credentials (not the client secret)",
                failures,
            )
